"""What is free, held and sold, and for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.core.clock import DatabaseNow
from shop.stock.models import Hold, Piece, StockLevel, Waiter
from shop.stock.states import PieceState


@dataclass(frozen=True)
class Counts:
    """How many pieces of an allotment are in each state; total leaves out withdrawn ones."""

    free: int = 0
    held: int = 0
    paying: int = 0
    sold: int = 0
    total: int = 0


def counts_of(allotment_ids: Collection[int]) -> dict[int, Counts]:
    """The counts of each allotment, in one query."""
    tallies = (
        Piece.objects.filter(allotment_id__in=allotment_ids)
        .values("allotment_id")
        .annotate(
            free=Count("pk", filter=Q(state=PieceState.FREE)),
            held=Count("pk", filter=Q(state=PieceState.HELD)),
            paying=Count("pk", filter=Q(state=PieceState.PAYING)),
            sold=Count("pk", filter=Q(state=PieceState.SOLD)),
            total=Count("pk", filter=~Q(state=PieceState.WITHDRAWN)),
        )
        .values_list("allotment_id", "free", "held", "paying", "sold", "total")
    )
    found = {allotment_id: Counts(*counts) for allotment_id, *counts in tallies}
    return {allotment_id: found.get(allotment_id, Counts()) for allotment_id in allotment_ids}


def holds_of(shopper: Shopper) -> QuerySet[Hold]:
    """A person's live holds, oldest first; not those whose clock ran out."""
    live = Q(pay_until__isnull=False) | Q(held_until__gt=DatabaseNow())
    return holds_ever_of(shopper).filter(live, ended_at=None)


def holds_ever_of(shopper: Shopper) -> QuerySet[Hold]:
    """Everything a person ever held, oldest first, with the pieces that are theirs, allotment and variant."""
    pieces = Piece.objects.select_related("allotment").order_by("number")
    return (
        Hold.objects.filter(shopper_id__in=person_ids(shopper))
        .select_related("allotment__variant__product__store")
        .prefetch_related(Prefetch("pieces", pieces))
        .order_by("taken_at", "pk")
    )


def holders_since(hold_id: int, *, sale_id: int, on: BaseDatabaseWrapper) -> list[tuple[int, UUID]]:
    """The holds of a sale that are newer than this one, oldest first, with their shoppers, by that connection.

    Ids are drawn under the sale's lock, so an older one is never seen later.
    """
    with on.cursor() as cursor:
        cursor.execute(
            "select id, shopper_id from shop_hold where allotment_id = %s and id > %s order by id", [sale_id, hold_id]
        )
        return list(cursor.fetchall())


def ms_left(hold: Hold, *, at: datetime) -> int:
    """Milliseconds until the hold's shown end, as its clock stands; never negative."""
    seconds = hold.kept_s if hold.kept_s is not None else (hold.held_until - at).total_seconds()
    return max(0, int(seconds * 1000))


def place_in_line(*, allotment_id: int, shopper: Shopper) -> int | None:
    """1 for the next to be served; None for who is not waiting."""
    line = Waiter.objects.filter(allotment_id=allotment_id, left_at=None, hold=None)
    mine = line.filter(shopper_id__in=person_ids(shopper)).order_by("pk").values_list("pk", flat=True).first()
    return None if mine is None else line.filter(pk__lte=mine).count()


def left_in_stock() -> Coalesce:
    """What free_stock says, for each row of a query of variants."""
    levels = StockLevel.objects.filter(variant=OuterRef("pk"))
    return Coalesce(Subquery(levels.values(left=F("on_hand") - F("held"))[:1]), 0)


def free_stock(variant_ids: Collection[int]) -> dict[int, int]:
    """How many of each physical variant anybody may still buy; 0 where none were ever received."""
    levels = StockLevel.objects.filter(variant_id__in=variant_ids)
    known = dict(levels.annotate(left=F("on_hand") - F("held")).values_list("variant_id", "left"))
    return {variant_id: known.get(variant_id, 0) for variant_id in variant_ids}
