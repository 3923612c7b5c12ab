"""Writing orders, and moving them along their table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from shop.accounts.doorsteps import doorstep
from shop.accounts.models import Address, Shopper
from shop.catalog.models import Variant
from shop.core import facts
from shop.core.db import inside_transaction
from shop.core.errors import Conflict
from shop.core.money import Money
from shop.core.states import advance
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderState
from shop.pricing.quote import Quote
from shop.stock.models import Piece
from shop.stores.models import Store


class TooMany(Conflict):
    """More units than the line still has."""

    code = "too_many"
    sentence = "That is more than was bought, or than is left of it."


@dataclass(frozen=True)
class Wanted:
    """What becomes an order line: so many units of a variant at a price each, or one held piece."""

    variant: Variant
    quantity: int
    price: Money
    piece: Piece | None = None


@dataclass(frozen=True)
class Buyer:
    """Who buys, and where it goes: the checkout form's key, an e-mail address, an address for physical goods."""

    shopper: Shopper
    key: UUID
    email: str
    ship_to: Address | None
    country: str


@inside_transaction
def place(*, store: Store, buyer: Buyer, wanted: Sequence[Wanted], quote: Quote, at: datetime) -> Order:
    """Write an order with everything frozen: the quote's lines are those of `wanted`, in that order."""
    order = Order.objects.create(
        key=buyer.key,
        store=store,
        shopper=buyer.shopper,
        email=buyer.email,
        ship_to=buyer.ship_to,
        country=buyer.country,
        doorstep=doorstep(buyer.ship_to) if buyer.ship_to else "",
        currency=store.currency,
        items_minor=quote.items.amount_minor,
        shipping_minor=quote.shipping.amount_minor,
        shipping_name=quote.shipping_name,
        tax_minor=quote.tax.amount_minor,
        tax_rate_bp=quote.tax_rate_bp,
        total_minor=quote.total.amount_minor,
        placed_at=at,
    )
    OrderLine.objects.bulk_create(_line(order, one, tax) for one, tax in zip(wanted, quote.line_taxes, strict=True))
    facts.record("order.placed", subject=order.pk, store=store.pk, total_minor=order.total_minor)
    return order


def _line(order: Order, wanted: Wanted, tax: Money) -> OrderLine:
    variant = wanted.variant
    return OrderLine(
        order=order,
        variant=variant,
        piece=wanted.piece,
        hold_id=wanted.piece.hold_id if wanted.piece else None,
        title=variant.product.title,
        variant_title=variant.title,
        sku=variant.sku,
        quantity=wanted.quantity,
        unit_price_minor=wanted.price.amount_minor,
        tax_minor=tax.amount_minor,
        currency=wanted.price.currency,
        weight_g=variant.weight_g,
        is_digital=variant.is_digital,
    )


@inside_transaction
def mark_paid(*, order: Order, at: datetime) -> None:
    """The money is there: what follows is in the table of reactions, under order.paid."""
    advance(order, OrderState.PAID, paid_at=at)
    facts.record("order.paid", subject=order.pk, store=order.store_id, total_minor=order.total_minor)


@inside_transaction
def lapse(*, order: Order, at: datetime) -> None:
    """It was never paid, and never will be."""
    advance(order, OrderState.LAPSED, lapsed_at=at)
    facts.record("order.lapsed", subject=order.pk, store=order.store_id)


@inside_transaction
def mark_cancelled(*, order: Order, at: datetime) -> None:
    """Every unit of a paid order was given back."""
    advance(order, OrderState.CANCELLED, cancelled_at=at)
    facts.record("order.cancelled", subject=order.pk, store=order.store_id)


@inside_transaction
def take_units_back(*, order: Order, units: Mapping[int, int]) -> list[OrderLine]:
    """Count units (line id to how many) as given back; the lines, as they are then.

    Raises TooMany(field="lines") where a line has fewer left, or is not in this order.
    """
    for line_id, quantity in sorted(units.items()):
        enough = OrderLine.objects.filter(pk=line_id, order=order, returned_quantity__lte=F("quantity") - quantity)
        if quantity < 1 or not enough.update(returned_quantity=F("returned_quantity") + quantity):
            raise TooMany(field="lines")
    return list(order.lines.filter(pk__in=units))
