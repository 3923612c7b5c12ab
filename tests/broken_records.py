"""Records of drops that do not agree with the rows, for the test of the invariants."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from liveevents.drops.models import Drop, DropEntry
from liveevents.drops.record import keep_records
from liveevents.drops.services import end_drop
from shop.core import clock
from shop.stock.models import Allotment, Piece
from shop.stock.services import end_allotment
from shop.stock.states import PieceState
from tests import make
from tests.make import live

Scene = Iterator[None]


def entry(drop: Drop, sequence: int, kind: str, **numbers: Any) -> None:
    none = {"free": 0, "held": 0, "paying": 0, "sold": 0, "returned": 0}
    DropEntry.objects.create(
        drop=drop, sequence=sequence, kind=kind, at=clock.now(), numbers={**none, "pieces": 3, **numbers}
    )


def told() -> Drop:
    """A running drop of three pieces with its record."""
    drop = live.drop()
    keep_records()
    return drop


def an_entry_is_missing() -> Scene:
    drop = told()
    yield
    entry(drop, 9, "sold")


def an_entry_counts_a_piece_twice() -> Scene:
    drop = told()
    yield
    entry(drop, 3, "sold", free=2, sold=2)


def pieces_are_added_and_nobody_says_so() -> Scene:
    drop = told()
    yield
    Piece.objects.create(allotment=drop.allotment, number=4, place=4, price_minor=1)


def a_drop_is_extended_and_nobody_says_so() -> Scene:
    drop = told()
    yield
    Allotment.objects.filter(pk=drop.allotment_id).update(closes_at=clock.now() + timedelta(hours=1))


def a_running_drop_is_told_closed() -> Scene:
    drop = told()
    yield
    entry(drop, 3, "closed", by="hand")


def a_drop_ends_and_nobody_says_so() -> Scene:
    drop = told()
    yield
    end_allotment(allotment_id=drop.allotment_id)
    Allotment.objects.filter(pk=drop.allotment_id).update(ended_at=clock.now() - timedelta(minutes=2))


def a_sale_is_not_told() -> Scene:
    drop = told()
    hold = make.hold(make.shopper(), drop.allotment)
    end_drop(drop=drop)
    yield
    entry(drop, 4, "settled")
    Piece.objects.filter(hold=hold).update(state=PieceState.SOLD)


FINDS: dict[str, tuple[Callable[[], Scene], ...]] = {
    "a drop's record is numbered from 1 without a gap": (an_entry_is_missing,),
    "an entry counts no more pieces than there are": (an_entry_counts_a_piece_twice,),
    "what a drop was planned with, and what was added, is what it has": (pieces_are_added_and_nobody_says_so,),
    "a drop closes when its record said last": (a_drop_is_extended_and_nobody_says_so,),
    "no record says that a running sale has closed": (a_running_drop_is_told_closed,),
    "the record of a drop that ended says so within 60 s": (a_drop_ends_and_nobody_says_so,),
    "the record of a drop that is settled says how many are sold": (a_sale_is_not_told,),
}
