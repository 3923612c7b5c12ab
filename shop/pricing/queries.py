"""Present prices and rates."""

from collections.abc import Iterable, Sequence

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from shop.catalog.models import Variant
from shop.core.clock import DatabaseNow
from shop.core.money import Money
from shop.pricing.models import Offer, ShippingRate, TaxRate
from shop.pricing.quote import EVERYWHERE_ELSE, Rate
from shop.stores.models import Store


def open_offers() -> QuerySet[Offer]:
    """The offers that are open by the database's clock at the moment of asking."""
    is_open = Q(opens_at__lte=DatabaseNow()) & (Q(closes_at=None) | Q(closes_at__gt=DatabaseNow()))
    return Offer.objects.filter(is_open)


def price_of(variants: Iterable[Variant]) -> dict[int, Money]:
    """What each variant (by id) costs anybody right now: its lowest open offer for everyone, else the shop's price."""
    variants = list(variants)
    offered = open_offers().filter(for_everyone=True, variant__in=variants).values("variant_id")
    lowest = dict(offered.annotate(lowest=Min("price_minor")).values_list("variant_id", "lowest"))
    return {variant.pk: Money(lowest.get(variant.pk, variant.price_minor), variant.currency) for variant in variants}


def lowest_offer() -> Subquery:
    """The lowest open offer for everyone, in minor units, for each row of a query of variants; NULL where none is."""
    offers = open_offers().filter(for_everyone=True, variant=OuterRef("pk")).order_by("price_minor")
    return Subquery(offers.values("price_minor")[:1])


def rates_for(store: Store, country: str) -> Sequence[Rate]:
    """The store's shipping rates that a parcel to this country may use."""
    rows = ShippingRate.objects.filter(store=store, country__in=[country, EVERYWHERE_ELSE])
    return [Rate(row.country, row.name, row.up_to_g, Money(row.price_minor, store.currency)) for row in rows]


def tax_for(store: Store, country: str) -> int:
    """The tax that the store's prices contain for buyers in this country, in hundredths of a percent; 0 for no row."""
    rows = TaxRate.objects.filter(store=store, country__in=[country, EVERYWHERE_ELSE])
    rates = dict(rows.values_list("country", "rate_bp"))
    return rates.get(country, rates.get(EVERYWHERE_ELSE, 0))


def delivers_to(store: Store) -> frozenset[str]:
    """The countries that the store sends parcels to, by code; "*" among them is every country."""
    return frozenset(ShippingRate.objects.filter(store=store).values_list("country", flat=True))


def delivery_of(store: Store, *, country: str, weight_g: int) -> ShippingRate | None:
    """The rate that a parcel of this weight would take; None where the store does not send it there."""
    rows = list(ShippingRate.objects.filter(store=store, country__in=[country, EVERYWHERE_ELSE]).order_by("up_to_g"))
    named = [row for row in rows if row.country == country] or rows
    return next((row for row in named if row.up_to_g >= weight_g), None)
