"""What an attempt keeps while it lives: the holds of pieces, the units of ordinary stock.

Stock is locked before holds and pieces; where pieces may go back to stock themselves, their sales before it.
"""

from collections import Counter

from django.db.models import QuerySet

from shop.core.db import inside_transaction
from shop.orders.models import Order, OrderLine
from shop.payments.models import Attempt
from shop.stock import levels, services
from shop.stock.models import Hold


@inside_transaction
def keep_goods(*, order: Order, for_s: int) -> None:
    """Keep everything in the order while it is being paid. Raises OutOfStock, HoldExpired."""
    levels.hold_stock(wanted=ordinary_units(order))
    hold_ids = holds_in(order)
    if hold_ids:
        services.fence(hold_ids=hold_ids, for_s=for_s)


@inside_transaction
def sell_goods(attempt: Attempt) -> bool:
    """What was kept is sold; False where a piece was not kept any more, and the caller rolls back."""
    order = attempt.order
    levels.sell_stock(wanted=ordinary_units(order), reference=f"attempt:{attempt.pk}")
    hold_ids = holds_in(order)
    return not hold_ids or services.sell(hold_ids=hold_ids)


@inside_transaction
def release_goods(order: Order, *, least_s: int = 0) -> None:
    """The payment is dead: clocks go on with the seconds that were left, or `least_s`; units are anybody's again."""
    _lock_shelves(order)
    services.unfence(hold_ids=holds_in(order), least_s=least_s)
    levels.release_stock(wanted=ordinary_units(order))


@inside_transaction
def unsell_goods(attempt: Attempt) -> None:
    """The authorised money vanished before it was captured: what was sold comes back."""
    order = attempt.order
    _lock_shelves(order)
    services.take_back(piece_ids=pieces_in(order))
    for variant_id, quantity in sorted(ordinary_units(order).items()):
        levels.put_back(variant_id=variant_id, quantity=quantity, reference=f"attempt:{attempt.pk}:back:{variant_id}")


@inside_transaction
def let_go_of_goods(order: Order) -> None:
    """The buyer does not want the pieces of an order that is not being paid: they are anybody's again."""
    _lock_shelves(order)
    for hold_id in holds_in(order):
        services.let_go(hold_id=hold_id, shopper=order.shopper)


def holds_in(order: Order) -> list[int]:
    """The ids of the holds whose pieces the order buys."""
    rows = order.lines.filter(hold__isnull=False).order_by("hold_id")
    return list(rows.values_list("hold_id", flat=True).distinct())


def sales_in(order: Order) -> list[int]:
    """The ids of the sales whose pieces the order buys, the first first."""
    return sorted(set(order.lines.filter(piece__isnull=False).values_list("piece__allotment_id", flat=True)))


def pieces_in(order: Order) -> list[int]:
    """The ids of the pieces that the order buys."""
    return list(order.lines.filter(piece__isnull=False).values_list("piece_id", flat=True))


def ordinary_units(order: Order) -> dict[int, int]:
    """Variant id to units of what lies on a shelf: neither pieces nor files; lines of one variant are summed."""
    return _units(order.lines.filter(piece=None, is_digital=False))


def cart_units(order: Order) -> dict[int, int]:
    """Variant id to units of what came from the cart: everything but pieces."""
    return _units(order.lines.filter(piece=None))


def is_payable(order: Order) -> bool:
    """Whether every hold of the order still lives, so that it may be paid by another attempt."""
    return not Hold.objects.filter(pk__in=holds_in(order), ended_at__isnull=False).exists()


def ends_soon(order: Order, *, within_s: int) -> bool:
    """Whether any hold of the order, whose clocks stand, had fewer seconds left."""
    return Hold.objects.filter(pk__in=holds_in(order), kept_s__lt=within_s).exists()


def _lock_shelves(order: Order) -> None:
    services.lock_shelves(allotment_ids=sales_in(order), variant_ids=ordinary_units(order).keys())


def _units(lines: QuerySet[OrderLine]) -> dict[int, int]:
    units: Counter[int] = Counter()
    for variant_id, quantity in lines.values_list("variant_id", "quantity"):
        units[variant_id] += quantity
    return dict(units)
