"""Sales that change while they run: cheaper, larger, over early. Each is one call of a function in `sql/`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.core.db import inside_transaction
from shop.core.errors import Conflict
from shop.stock import errors
from shop.stock.levels import take_for_sale
from shop.stock.models import Allotment, Piece
from shop.stock.states import PieceState

CHANGEABLE = (PieceState.FREE, PieceState.HELD, PieceState.PAYING)


class NotLower(Conflict):
    """No piece that is free, or may become free, would be cheaper."""

    code = "not_lower"
    sentence = "No free piece costs more than that already."


@inside_transaction
def extend_window(*, allotment: Allotment, closes_at: datetime) -> None:
    """A running sale closes later. The caller has locked it and knows that it runs."""
    Allotment.objects.filter(pk=allotment.pk).update(closes_at=closes_at)
    allotment.closes_at = closes_at


@inside_transaction
def lower_price(*, allotment: Allotment, price_minor: int) -> int:
    """No free piece costs more than this from now on, nor does one that comes back; how many became cheaper.

    Held pieces keep their price while they are held, sold ones for ever. Raises NotLower, Over.
    """
    sale = _locked(allotment)
    unsold = Piece.objects.filter(allotment=sale, state__in=CHANGEABLE)
    dearest = unsold.order_by("-price_minor").values_list("price_minor", flat=True).first() or 0
    if sale.lowered_to_minor is not None:
        dearest = min(dearest, sale.lowered_to_minor)
    if price_minor >= dearest:
        raise NotLower
    return int(_value("select lower_price(%s, %s)", [sale.pk, price_minor]))


@inside_transaction
def add_pieces(*, allotment: Allotment, more: int) -> int:
    """So many more pieces from the stock, numbered on and handed out last; the first new number.

    They cost what the last piece costs, and the line is served first. Raises OutOfStock, Over.
    """
    sale = _locked(allotment)
    made = Piece.objects.filter(allotment=sale).count()
    take_for_sale(variant=sale.variant, quantity=more, reference=f"allotment:{sale.pk}:added:{made + 1}")
    return int(_value("select add_pieces(%s, %s)", [sale.pk, more]))


def end_if_over(*, allotment_id: int) -> bool:
    """End a sale if its window is over; False where it is not, or had ended."""
    return bool(_value("select end_if_over(%s)", [allotment_id]))


def end_if_sold(*, allotment_id: int) -> bool:
    """End an open sale if every piece of it is sold; False where it is not, or had ended."""
    return bool(_value("select end_if_sold(%s)", [allotment_id]))


def take_fewer(*, allotment_id: int, shopper: Shopper) -> bool:
    """Who waits for several together takes what there is after all; False where the person was not waiting."""
    known = person_ids(shopper)[:1]
    return bool(known and _value("select take_fewer(%s, %s)", [allotment_id, *known]))


def _locked(allotment: Allotment) -> Allotment:
    """The sale as it is now; nobody claims from it until the transaction ends. Raises Over."""
    sale = Allotment.objects.select_for_update(of=("self",), no_key=True).select_related("variant").get(pk=allotment.pk)
    if sale.ended_at:
        raise errors.Over
    return sale


def _value(sql: str, arguments: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        ((value,),) = cursor.fetchall()
    return value
