"""Reading drops: what each is at this moment, by the database's clock."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    UUIDField,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, JSONObject, Lag, Lead

from liveevents.drops.ladder import Rung
from liveevents.drops.models import Drop, DropEntry, EntryKind
from liveevents.drops.now import DropNow
from liveevents.events.models import LiveEvent
from liveevents.events.queries import events_of
from liveevents.events.states import EventState
from shop.accounts.models import Shopper, User
from shop.accounts.queries import person_ids
from shop.core.clock import DatabaseNow
from shop.core.money import Money
from shop.orders.models import OrderLine
from shop.orders.states import OrderState
from shop.stock.models import Hold, Piece, Waiter
from shop.stock.queries import Counts
from shop.stock.states import Ending, PieceState

MOST_SHOWN = 50
LAST_SHOWN = 3
COUNTED = (PieceState.FREE, PieceState.HELD, PieceState.PAYING, PieceState.SOLD)


@dataclass(frozen=True)
class Sums:
    """The pieces of every drop of a show together, and the money of those sold."""

    free: int
    held: int
    paying: int
    sold: int
    money: Money


def sums_of(event: LiveEvent) -> Sums:
    """How a show goes as a whole, in one query; refunded pieces count no more."""
    pieces = Piece.objects.filter(allotment__in=Drop.objects.filter(event=event).values("allotment"))
    sold = Q(state=PieceState.SOLD)
    counted = {state.name.lower(): Count("pk", filter=Q(state=state)) for state in COUNTED}
    found = pieces.aggregate(**counted, money_minor=Coalesce(Sum("price_minor", filter=sold), 0))
    return Sums(money=Money(found.pop("money_minor"), event.store.currency), **found)


def drops_now(*, event: LiveEvent, shopper: Shopper) -> list[DropNow]:
    """The latest drops of a show as they are now, and what this person has of each; oldest first, in one query."""
    return _as_they_are(Drop.objects.filter(event=event), shopper)


def drops_on_stage(*, event: LiveEvent, shopper: Shopper) -> list[DropNow]:
    """The same for what viewers see: what runs or has its hour, and the last few that ended."""
    ended = Drop.objects.filter(event=event, allotment__ended_at__isnull=False).order_by("-allotment__ended_at")
    is_near = Q(allotment__ended_at=None, allotment__opens_at__isnull=False) | Q(pk__in=ended.values("pk")[:LAST_SHOWN])
    return _as_they_are(Drop.objects.filter(is_near, event=event), shopper)


def public_drops() -> QuerySet[Drop]:
    """The drops of shows that everybody may see, in stores that are open."""
    return Drop.objects.exclude(event__state=EventState.DRAFT).filter(event__store__closed_at=None)


def public_drop(drop_id: int) -> Drop:
    """A drop of a show that everybody may see, with its show and store. Raises Drop.DoesNotExist."""
    return public_drops().select_related("event__store").get(pk=drop_id)


def announced_drop(*, store_handle: str, slug: str, drop_id: int) -> Drop:
    """A drop that everybody heard of, by its show's address, with its show and sale. Raises Drop.DoesNotExist."""
    announced = public_drops().filter(event__store__handle=store_handle, event__slug=slug)
    return announced.select_related("event__store", "allotment").get(pk=drop_id, allotment__opens_at__isnull=False)


def record_of(drop: Drop) -> QuerySet[DropEntry]:
    """The record as people read it: of a run of sales its first and its last entry."""
    entries = DropEntry.objects.filter(drop=drop).order_by("sequence")
    around = {
        "before": Window(Lag("kind", default=Value("")), order_by="sequence"),
        "after": Window(Lead("kind", default=Value("")), order_by="sequence"),
    }
    inside_a_run = Q(kind=EntryKind.SOLD, before=EntryKind.SOLD, after=EntryKind.SOLD)
    return entries.annotate(**around).exclude(inside_a_run)


def drop_of(*, user: User, drop_id: int) -> Drop:
    """A drop in a show of one of this person's own stores. Raises Drop.DoesNotExist."""
    return Drop.objects.select_related("event__store").get(pk=drop_id, event__in=events_of(user))


def buyers_of(event_id: int) -> int:
    """How many paid orders hold pieces of a show's drops."""
    sold = OrderLine.objects.filter(piece__allotment__in=allotments_of(event_id), order__state=OrderState.PAID)
    return sold.values("order").distinct().count()


def allotments_of(event_id: int) -> list[int]:
    """The ids of the allotments of a show's drops."""
    return list(Drop.objects.filter(event_id=event_id).values_list("allotment_id", flat=True))


def was_called_off(*, allotment_ids: Collection[int]) -> bool:
    """Whether any of these allotments belongs to a cancelled show."""
    return Drop.objects.filter(allotment_id__in=allotment_ids, event__state=EventState.CANCELLED).exists()


def _as_they_are(drops: QuerySet[Drop], shopper: Shopper) -> list[DropNow]:
    rows = drops.select_related("offer", "allotment__variant__product").annotate(
        now=DatabaseNow(), rungs=_rungs(), next_end=_next_end(), **_of_person(person_ids(shopper) or [shopper.pk])
    )
    return [_drop_now(row) for row in reversed(rows.order_by("-pk")[:MOST_SHOWN])]


def _rungs() -> ArraySubquery:
    """The pieces in each state at each price, in the order of handing out, as JSON values."""
    pieces = Piece.objects.filter(allotment=OuterRef("allotment")).values("price_minor")
    kinds = {state.name.lower(): Count("pk", filter=Q(state=state)) for state in COUNTED}
    total = Count("pk", filter=~Q(state=PieceState.WITHDRAWN))
    rung = JSONObject(
        price_minor="price_minor",
        pieces=Count("pk"),
        next_place=Min("place", filter=Q(state=PieceState.FREE)),
        counts=JSONObject(**kinds, total=total),
    )
    return ArraySubquery(pieces.annotate(first=Min("place"), rung=rung).order_by("first").values("rung"))


def _next_end() -> Subquery:
    """When the first of the holds whose clock runs comes to its end."""
    running = Hold.objects.filter(allotment=OuterRef("allotment"), ended_at=None, pay_until=None)
    return Subquery(running.order_by("held_until").values("held_until")[:1])


def _of_person(ids: list[UUID]) -> dict[str, Func | Exists | Subquery]:
    """How many pieces the person has, their place in the line and what they wait for, and how their last turn ended."""
    line = Waiter.objects.filter(allotment=OuterRef("allotment"), left_at=None, hold=None)
    mine = Waiter.objects.filter(allotment=OuterRef("allotment"), left_at=None, hold=None, shopper_id__in=ids)
    terms = JSONObject(asked="quantity", takes_fewer="takes_fewer")
    turns = Waiter.objects.filter(allotment=OuterRef("allotment"), shopper_id__in=ids, left_at=None).order_by("-pk")
    before_me = line.filter(pk__lte=OuterRef("my_wait")).order_by().values("allotment").annotate(n=Count("pk"))
    return {
        "owned": Func(
            F("allotment_id"),
            Value(ids[0], output_field=UUIDField()),
            DatabaseNow(),
            function="pieces_of_person",
            output_field=IntegerField(),
        ),
        "waited_in_vain": Exists(
            Waiter.objects.filter(
                allotment=OuterRef("allotment"), shopper_id__in=ids, left_at__gte=OuterRef("allotment__ended_at")
            )
        ),
        "my_wait": Subquery(mine.order_by("pk").values("pk")[:1]),
        "place": Subquery(before_me.values("n")),
        "terms": Subquery(mine.order_by("pk").annotate(terms=terms).values("terms")[:1]),
        "last_turn": Subquery(turns.values("hold__ending")[:1]),
    }


def _drop_now(row: Any) -> DropNow:
    currency = row.allotment.currency
    return DropNow(
        drop=row,
        now=row.now,
        ladder=tuple(_rung(found, currency) for found in row.rungs),
        owned=row.owned,
        place=row.place,
        **(row.terms or {"asked": None, "takes_fewer": False}),
        next_end=row.next_end,
        has_turn=row.last_turn == "",
        missed_turn=row.last_turn == Ending.EXPIRED,
        waited_in_vain=row.waited_in_vain,
    )


def _rung(found: dict[str, Any], currency: str) -> Rung:
    return Rung(
        price=Money(found["price_minor"], currency),
        counts=Counts(**found["counts"]),
        pieces=found["pieces"],
        next_place=found["next_place"],
    )
