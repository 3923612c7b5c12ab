"""Putting in, changing, taking out."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.cart.models import MOST_OF_ONE, CartLine
from shop.catalog.models import Variant
from shop.core.db import inside_transaction
from shop.core.errors import Conflict, Invalid
from shop.pricing.queries import price_of


class BadQuantity(Invalid):
    """A number that a cart line cannot have."""

    code = "bad_quantity"
    sentence = f"Choose from 1 to {MOST_OF_ONE}."


class NotForSale(Conflict):
    """The product is not published, its store is closed, or its price is in another currency than the store's."""

    code = "not_for_sale"
    sentence = "This is not for sale at the moment."


class NotInCart(Conflict):
    """No such line in this person's cart: another tab was faster."""

    code = "not_in_cart"
    sentence = "This is no longer in your cart."


@transaction.atomic(durable=True)
def put_in_cart(*, shopper: Shopper, variant: Variant, quantity: int, at: datetime) -> CartLine:
    """Add units of a variant at its present price; the units that were in the cart already take that price too.

    Stock is not touched: it is kept when a payment starts. Raises BadQuantity(field="quantity"), NotForSale.
    """
    if not 1 <= quantity <= MOST_OF_ONE:
        raise BadQuantity(field="quantity")
    _check_sale(variant, at=at)
    price = price_of([variant])[variant.pk]
    agreed = {"price_minor": price.amount_minor, "currency": price.currency}
    line, is_new = CartLine.objects.get_or_create(
        shopper=shopper, variant=variant, defaults={"quantity": quantity, "added_at": at, **agreed}
    )
    if not is_new:
        room = CartLine.objects.filter(pk=line.pk, quantity__lte=MOST_OF_ONE - quantity)
        if not room.update(quantity=F("quantity") + quantity, **agreed):
            raise BadQuantity(field="quantity")
        line.refresh_from_db()
    return line


@transaction.atomic(durable=True)
def change_quantity(*, shopper: Shopper, line_id: int, quantity: int) -> None:
    """So many units from now on. Raises BadQuantity(field="quantity"), NotInCart."""
    if not 1 <= quantity <= MOST_OF_ONE:
        raise BadQuantity(field="quantity")
    if not CartLine.objects.filter(pk=line_id, shopper_id__in=person_ids(shopper)).update(quantity=quantity):
        raise NotInCart


@transaction.atomic(durable=True)
def take_out(*, shopper: Shopper, line_id: int) -> None:
    """Remove a line; one that is gone already stays gone."""
    CartLine.objects.filter(pk=line_id, shopper_id__in=person_ids(shopper)).delete()


@inside_transaction
def clear_bought(*, shopper: Shopper, bought: Mapping[int, int]) -> None:
    """Take out what a person bought, variant id to units; what was added since then stays."""
    lines = CartLine.objects.select_for_update().filter(shopper_id__in=person_ids(shopper), variant_id__in=bought)
    left = dict(bought)
    for line in lines.order_by("added_at", "id"):
        taken = min(line.quantity, left[line.variant_id])
        left[line.variant_id] -= taken
        if taken == line.quantity:
            line.delete()
        elif taken:
            CartLine.objects.filter(pk=line.pk).update(quantity=F("quantity") - taken)


def _check_sale(variant: Variant, *, at: datetime) -> None:
    product = variant.product
    is_published = product.published_at is not None and product.published_at <= at
    if not is_published or product.store.closed_at is not None or variant.currency != product.store.currency:
        raise NotForSale
