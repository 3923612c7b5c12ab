"""The honest record: what happened to a drop and when, written once, for everybody, and never changed.

Whatever changes a drop writes its entry in the same transaction. What claims and payments do is written by tick, from
the rows, once a second and as sums (`keep_records`): no claim ever writes here. Every number is counted from the
pieces and every hour is the sale's own window, the same rows that the page's "only n left" and its countdowns come
from, so the three cannot disagree. Who writes has locked the sale, which keeps the entries in order.

What a kind adds to the pieces' numbers (money in the sale's currency, instants as ISO 8601):
planned, opened: `prices` (a list of price_minor and pieces, the first to be handed out first), `per_person`,
`audience`, and opened `closes_at` · announced: `opens_at`, `closes_at` · extended: `closes_at`, `was` · price_changed:
`price_minor`, `changed` pieces · pieces_added: `added`, `price_minor` · closed: `by` (an EndedBy).
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from liveevents.drops.models import Drop, DropEntry, EntryKind
from shop.core.clock import DatabaseNow, database_now
from shop.core.db import inside_transaction
from shop.stock.models import Allotment, Piece
from shop.stock.services import each_sale
from shop.stock.states import PieceState

COUNTED = {
    "free": PieceState.FREE,
    "held": PieceState.HELD,
    "paying": PieceState.PAYING,
    "sold": PieceState.SOLD,
    "returned": PieceState.WITHDRAWN,
}
COUNTS = {"pieces": Count("pk")} | {name: Count("pk", filter=Q(state=state)) for name, state in COUNTED.items()}


class EndedBy(StrEnum):
    """Why a drop closed."""

    CLOCK = "clock"
    HAND = "hand"
    SOLD = "sold"
    SHOW = "show"


@dataclass(frozen=True)
class Tally:
    """How many pieces a drop was made of, and how many of them are in each state; the others were written off."""

    pieces: int
    free: int
    held: int
    paying: int
    sold: int
    returned: int

    @property
    def unsettled(self) -> int:
        """Pieces that may yet be sold."""
        return self.free + self.held + self.paying


def changes(before: Tally, now: Tally) -> list[EntryKind]:
    """What happened between two tallies, as one net change of each kind; nothing where only holds moved."""
    told = {
        EntryKind.SOLD: now.sold > before.sold,
        EntryKind.REFUNDED: now.sold < before.sold,
        EntryKind.SOLD_OUT: now.free == 0 < before.free,
        EntryKind.CAME_BACK: before.free == 0 < now.free,
    }
    return [kind for kind, is_so in told.items() if is_so]


@inside_transaction
def write(*, drop: Drop, kind: EntryKind, at: datetime | None = None, **more: Any) -> DropEntry:
    """Add an entry with the pieces as they are, now or at the given instant. The caller has locked the sale."""
    last = DropEntry.objects.filter(drop=drop).aggregate(last=Max("sequence"))["last"] or 0
    numbers = {**asdict(_tally(drop)), **more}
    return DropEntry.objects.create(drop=drop, sequence=last + 1, kind=kind, at=at or database_now(), numbers=numbers)


@inside_transaction
def write_plan(*, drop: Drop) -> None:
    """The first entry: what was set aside."""
    write(drop=drop, kind=EntryKind.PLANNED, **_terms(drop.allotment))


@inside_transaction
def catch_up(*, drop: Drop) -> None:
    """Write that the drop opened, at its hour and with what it opened with, where the hour has come.

    Whoever changes a running drop calls this before, so that the change cannot colour what was there at the start.
    """
    sale = Allotment.objects.get(pk=drop.allotment_id)
    if not sale.opens_at or sale.opens_at > (sale.ended_at or database_now()) or _has(drop, EntryKind.OPENED):
        return
    pieces = _tally(drop).pieces
    at_start = asdict(Tally(pieces=pieces, free=pieces, held=0, paying=0, sold=0, returned=0))
    closes_at = sale.closes_at.isoformat() if sale.closes_at else None
    write(drop=drop, kind=EntryKind.OPENED, at=sale.opens_at, **at_start, **_terms(sale), closes_at=closes_at)


@inside_transaction
def close(*, drop: Drop, by: EndedBy) -> bool:
    """Write that the sale has ended: by the clock where its window was over by then; False where that is written."""
    sale = Allotment.objects.get(pk=drop.allotment_id)
    if sale.ended_at is None or _has(drop, EntryKind.CLOSED):
        return False
    catch_up(drop=drop)
    is_late = sale.closes_at is not None and sale.closes_at <= sale.ended_at
    at, by = (sale.closes_at, EndedBy.CLOCK) if is_late else (sale.ended_at, by)
    write(drop=drop, kind=EntryKind.CLOSED, at=at, by=by)
    _settle(drop)
    return True


def keep_records() -> int:
    """Write what claims and payments did to drops that may still sell; how many records grew. Safe at any time.

    A sale that somebody keeps locked holds up no other.
    """
    return _note_each(_with_window_begun().exclude(Exists(_entries(EntryKind.SETTLED))))


def keep_settled_records() -> int:
    """Write what was refunded after a drop was settled; how many records grew. It reads every drop there was."""
    return _note_each(Drop.objects.filter(Exists(_entries(EntryKind.SETTLED))))


def _note_each(drops: QuerySet[Drop]) -> int:
    """Lock only the drops of which there is news."""
    last = DropEntry.objects.filter(drop=OuterRef("pk")).order_by("-sequence").values("numbers")[:1]
    pieces = Piece.objects.filter(allotment=OuterRef("allotment")).order_by().values("allotment")
    rows = drops.annotate(
        last=Subquery(last),
        tally=Subquery(pieces.annotate(tally=JSONObject(**COUNTS)).values("tally")),
        is_opened=Exists(_entries(EntryKind.OPENED)),
        is_settled=Exists(_entries(EntryKind.SETTLED)),
    ).select_related("allotment")
    news = {row.allotment_id: row for row in rows if _is_news(row)}
    return each_sale(news, lambda allotment_id: _note(news[allotment_id]))


def _is_news(row: Any) -> bool:
    now = Tally(**row.tally)
    is_to_settle = row.allotment.ended_at is not None and not now.unsettled and not row.is_settled
    return not row.is_opened or is_to_settle or bool(changes(_tally_in(row.last), now))


@transaction.atomic(durable=True)
def _note(drop: Drop) -> bool:
    """Whether there was something to write. Between a window's end and its closing entry nothing is."""
    sale = Allotment.objects.select_for_update(no_key=True).get(pk=drop.allotment_id)
    if (sale.ended_at or (sale.closes_at and sale.closes_at <= database_now())) and not _has(drop, EntryKind.CLOSED):
        return False
    before = DropEntry.objects.filter(drop=drop).count()
    catch_up(drop=drop)
    last = DropEntry.objects.filter(drop=drop).order_by("-sequence")[0]
    for kind in changes(_tally_in(last.numbers), _tally(drop)):
        write(drop=drop, kind=kind)
    _settle(drop)
    return DropEntry.objects.filter(drop=drop).count() > before


def _settle(drop: Drop) -> None:
    """The last sum, once the drop has closed and nothing of it may be sold any more."""
    if _has(drop, EntryKind.CLOSED) and not _has(drop, EntryKind.SETTLED) and not _tally(drop).unsettled:
        write(drop=drop, kind=EntryKind.SETTLED)


def _with_window_begun() -> QuerySet[Drop]:
    """Drops with a record whose hour came before their end."""
    begun = Drop.objects.filter(allotment__opens_at__lte=DatabaseNow())
    ended_first = Q(allotment__ended_at__lt=F("allotment__opens_at"))
    return begun.exclude(ended_first).filter(Exists(_entries(EntryKind.PLANNED)))


def _terms(sale: Allotment) -> dict[str, Any]:
    """What a buyer has to know, from the rows that decide it."""
    rungs = Piece.objects.filter(allotment=sale).values("price_minor").annotate(pieces=Count("pk"), first=Min("place"))
    prices = [{"price_minor": rung["price_minor"], "pieces": rung["pieces"]} for rung in rungs.order_by("first")]
    return {"prices": prices, "per_person": sale.per_person, "audience": sale.audience}


def _tally(drop: Drop) -> Tally:
    return Tally(**Piece.objects.filter(allotment_id=drop.allotment_id).aggregate(**COUNTS))


def _tally_in(numbers: dict[str, Any]) -> Tally:
    return Tally(**{name: numbers[name] for name in COUNTS})


def _entries(kind: EntryKind) -> QuerySet[DropEntry]:
    return DropEntry.objects.filter(drop=OuterRef("pk"), kind=kind)


def _has(drop: Drop, kind: EntryKind) -> bool:
    return DropEntry.objects.filter(drop=drop, kind=kind).exists()
