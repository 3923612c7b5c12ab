"""Opening and closing offers."""

from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Greatest

from shop.catalog.models import Variant
from shop.core.clock import DatabaseNow
from shop.core.db import inside_transaction
from shop.core.errors import Invalid
from shop.core.money import Money
from shop.pricing.models import Offer


class BadOffer(Invalid):
    """An offer that could never be paid; `field` says what is wrong."""

    code = "bad_offer"
    sentence = "An offer needs a price in the currency of its product."


@inside_transaction
def open_offer(
    *, variant: Variant, price: Money, for_everyone: bool, opens_at: datetime | None, closes_at: datetime | None
) -> Offer:
    """A price for a variant from opens_at (None: not yet) until closes_at (None: until it is closed).

    Raises BadOffer for another currency, a price below zero or a window that ends before it starts.
    """
    if price.currency != variant.currency or price.amount_minor < 0:
        raise BadOffer(field="price")
    if opens_at and closes_at and closes_at < opens_at:
        raise BadOffer("An offer cannot close before it opens.", field="closes_at")
    return Offer.objects.create(
        variant=variant,
        price_minor=price.amount_minor,
        currency=price.currency,
        for_everyone=for_everyone,
        opens_at=opens_at,
        closes_at=closes_at,
    )


@inside_transaction
def set_window(*, offer: Offer, opens_at: datetime, closes_at: datetime) -> None:
    """From when until when the offer counts, by the database's clock. Raises BadOffer for a window that ends first."""
    if closes_at < opens_at:
        raise BadOffer("An offer cannot close before it opens.", field="closes_at")
    offer.opens_at, offer.closes_at = opens_at, closes_at
    offer.save(update_fields=["opens_at", "closes_at"])


@inside_transaction
def lower_offer(*, offer: Offer, price: Money) -> None:
    """The offer costs no more than this from now on; one that costs less stays as it was."""
    Offer.objects.filter(pk=offer.pk, price_minor__gt=price.amount_minor).update(price_minor=price.amount_minor)


@inside_transaction
def close_offer(*, offer: Offer) -> None:
    """End an offer now; one that is over stays as it was, one that has not opened never will."""
    still = Offer.objects.filter(Q(closes_at=None) | Q(closes_at__gt=DatabaseNow()), pk=offer.pk)
    still.update(closes_at=Greatest(DatabaseNow(), "opens_at"))
