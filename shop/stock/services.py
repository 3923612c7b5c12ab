"""Allotments, pieces, holds and the line: each change is one call of a function in `sql/`. Claims: `claiming.py`."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.catalog.models import Variant
from shop.core.clock import DatabaseNow
from shop.core.db import inside_transaction
from shop.stock import errors
from shop.stock.changing import end_if_over
from shop.stock.claiming import REFUSALS, check_quantity, refusal_of
from shop.stock.levels import take_for_sale
from shop.stock.models import OFFER_S, Allotment, Audience, Hold, Piece, StockLevel, Waiter


@inside_transaction
def carve(
    *,
    variant: Variant,
    prices_minor: Sequence[int],
    currency: str,
    per_person: int,
    hold_s: int,
    offer_s: int = OFFER_S,
    takes_fewer: bool = False,
    audience: Audience = Audience.EVERYONE,
    code_word: str = "",
) -> Allotment:
    """Set aside one piece for each price, numbered from 1 in that order; they leave the variant's stock.

    `code_word` as plain_word() writes it, where the audience is who knows it. The allotment stays closed until
    open_allotment(). Raises OutOfStock.
    """
    allotment = Allotment.objects.create(
        variant=variant,
        currency=currency,
        per_person=per_person,
        hold_s=hold_s,
        offer_s=offer_s,
        takes_fewer=takes_fewer,
        audience=audience,
        code_word=code_word,
    )
    take_for_sale(variant=variant, quantity=len(prices_minor), reference=f"allotment:{allotment.pk}:carved")
    Piece.objects.bulk_create(
        Piece(allotment=allotment, number=number, place=number, price_minor=price_minor)
        for number, price_minor in enumerate(prices_minor, start=1)
    )
    return allotment


@inside_transaction
def open_allotment(*, allotment: Allotment, opens_at: datetime, closes_at: datetime) -> None:
    """Set the window, which the database's clock is held against at each claim.

    Raises Over where the sale has ended.
    """
    rows = Allotment.objects.filter(pk=allotment.pk, ended_at=None)
    if not rows.update(opens_at=opens_at, closes_at=closes_at):
        raise errors.Over
    allotment.opens_at, allotment.closes_at = opens_at, closes_at


def let_go(*, hold_id: int, shopper: Shopper) -> None:
    """Give a hold back before its time.

    Raises NotYours, BeingPaid. A hold that is over already stays over.
    """
    hold = Hold.objects.filter(pk=hold_id, shopper_id__in=person_ids(shopper)).first()
    if hold is None:
        raise errors.NotYours
    if not _value("select let_go_hold(%s)", [hold_id]) and Hold.objects.filter(pk=hold_id, ended_at=None).exists():
        raise errors.BeingPaid


@inside_transaction
def fence(*, hold_ids: Collection[int], for_s: int) -> None:
    """Stop the clock of these holds while they are paid, for_s seconds at most.

    Raises HoldExpired where any of them is over or already being paid.
    """
    if _value("select fence_holds(%s, %s)", [list(hold_ids), for_s]) != len(set(hold_ids)):
        raise errors.HoldExpired


@inside_transaction
def sell(*, hold_ids: Collection[int]) -> bool:
    """Fenced holds become sold; False where any of them was not fenced any more, and the caller rolls back."""
    return bool(_value("select sell_holds(%s)", [list(hold_ids)]) == len(set(hold_ids)))


@inside_transaction
def unfence(*, hold_ids: Collection[int], least_s: int = 0) -> None:
    """The payment is dead: the clock goes on with the seconds that were left, or the pieces are free.

    `least_s` seconds are given even where fewer were left: for somebody whose bank said no.
    """
    _value("select unfence_holds(%s, %s)", [list(hold_ids), least_s])


@inside_transaction
def extend_fence(*, hold_ids: Collection[int], until: datetime) -> None:
    """A payment that lives may take longer; never shorter."""
    _value("select extend_fence(%s, %s)", [list(hold_ids), until])


@inside_transaction
def lock_shelves(*, allotment_ids: Collection[int], variant_ids: Collection[int]) -> None:
    """Lock these sales, then the stock levels that anything may return to: of these variants and of sales that ended.

    First call of whoever returns pieces and ordinary units in one transaction: each by itself would lock its own shelf
    when it comes to it, and two orders could wait for each other.
    """
    sales = Allotment.objects.select_for_update(no_key=True).filter(pk__in=allotment_ids).order_by("pk")
    ended = {sale.variant_id for sale in sales if sale.ended_at}
    shelves = StockLevel.objects.select_for_update(no_key=True).filter(variant_id__in={*variant_ids, *ended})
    list(shelves.order_by("variant_id"))


@inside_transaction
def take_back(*, piece_ids: Collection[int]) -> int:
    """Refunded pieces come back, to the line, the floor or the stock; how many did."""
    return int(_value("select take_back_pieces(%s)", [list(piece_ids)]))


@inside_transaction
def write_off(*, piece_ids: Collection[int]) -> int:
    """Refunded pieces do not come back; how many there were."""
    return int(_value("select write_off_pieces(%s)", [list(piece_ids)]))


def join_line(*, allotment_id: int, shopper_id: UUID, quantity: int, takes_fewer: bool, word: str = "") -> int:
    """Wait for pieces of a sold-out sale; the place in the line, 1 for the next to be served, 0 when already served.

    Raises BadQuantity, UnknownSale, NotYet, Over, SignInFirst, FollowersOnly, WrongWord, SitsOut(ms_left),
    LimitReached, NothingToWaitFor.
    """
    check_quantity(quantity)
    ((verdict, place, ms_left),) = _rows(
        "select * from join_line(%s, %s, %s, %s, %s)", [allotment_id, shopper_id, quantity, takes_fewer, word]
    )
    if verdict in REFUSALS:
        raise refusal_of(verdict, ms_left=ms_left)
    return int(place)


def leave_line(*, allotment_id: int, shopper: Shopper) -> bool:
    """Stop waiting; False where the person was not waiting."""
    waits = Waiter.objects.filter(
        allotment_id=allotment_id, shopper_id__in=person_ids(shopper), left_at=None, hold=None
    )
    return bool(waits.update(left_at=DatabaseNow()))


def end_allotment(*, allotment_id: int) -> bool:
    """End a sale: free pieces return to stock, held ones run their course; False where it had ended."""
    return bool(_value("select end_allotment(%s)", [allotment_id]))


def end_due_allotments() -> int:
    """End every sale whose window is over; how many. A sale that somebody keeps locked holds up no other."""
    due = Allotment.objects.filter(ended_at=None, closes_at__lte=DatabaseNow())
    return each_sale(due.values_list("pk", flat=True), lambda sale: end_if_over(allotment_id=sale))


def free_due() -> int:
    """Free every piece whose hold ran out, and serve the line with them; how many pieces.

    A sale that somebody keeps locked holds up no other.
    """
    due = Hold.objects.filter(ended_at=None, pay_until=None, held_until__lte=DatabaseNow())
    return each_sale(
        due.values_list("allotment_id", flat=True), lambda sale: int(_value("select free_due_pieces(%s)", [sale]))
    )


def each_sale(sale_ids: Iterable[int], does: Callable[[int], int]) -> int:
    """Do something with each sale, each in a transaction of its own; the sum of what it answers.

    Where the database refuses one, the rest is done before an ExceptionGroup is raised.
    """
    total, stuck = 0, list[DatabaseError]()
    for sale_id in sorted(set(sale_ids)):
        try:
            total += does(sale_id)
        except DatabaseError as failure:
            stuck.append(failure)
    if stuck:
        raise ExceptionGroup("sales that were passed over", stuck)
    return total


def _rows(sql: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return list(cursor.fetchall())


def _value(sql: str, arguments: Sequence[Any]) -> Any:
    ((value,),) = _rows(sql, arguments)
    return value
