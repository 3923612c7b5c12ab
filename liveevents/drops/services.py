"""Running drops: opened by hand or by the clock, ended once. `planning.py` before, `changing.py` meanwhile."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from liveevents.drops import record
from liveevents.drops.errors import BadOpening, DropIsOver, NotOnAir, OpenAlready, ShowIsOver
from liveevents.drops.models import Drop, DropEntry, EntryKind
from liveevents.drops.record import EndedBy
from liveevents.events.services import locked
from shop.core import facts
from shop.core.clock import DatabaseNow, database_now
from shop.core.db import inside_transaction
from shop.pricing.services import close_offer, set_window
from shop.stock.changing import end_if_over, end_if_sold
from shop.stock.models import Hold, Piece
from shop.stock.services import each_sale, end_allotment, let_go, lock_shelves, open_allotment
from shop.stock.states import PieceState

FURTHEST_AHEAD = timedelta(days=366)
UNSOLD = (PieceState.FREE, PieceState.HELD, PieceState.PAYING)


@transaction.atomic(durable=True)
def open_drop(*, drop: Drop) -> Drop:
    """Open it now, by the database's clock, for as long as it was planned to last.

    Raises NotOnAir where the show is not live, OpenAlready, DropIsOver.
    """
    drop = _locked(drop)
    if not drop.event.is_live:
        raise NotOnAir
    _set_window(drop, opens_at=database_now(), fact="drop.opened")
    record.catch_up(drop=drop)
    return drop


@transaction.atomic(durable=True)
def schedule_drop(*, drop: Drop, opens_at: datetime) -> Drop:
    """Announce when it opens; until then the instant may still be changed.

    Raises BadOpening with `field`, ShowIsOver, OpenAlready, DropIsOver.
    """
    drop, now = _locked(drop), database_now()
    if not drop.event.is_planned and not drop.event.is_live:
        raise ShowIsOver
    if not now <= opens_at <= now + FURTHEST_AHEAD:
        raise BadOpening(field="opens_at")
    closes_at = _set_window(drop, opens_at=opens_at, fact="drop.scheduled")
    record.write(drop=drop, kind=EntryKind.ANNOUNCED, opens_at=opens_at.isoformat(), closes_at=closes_at.isoformat())
    return drop


@transaction.atomic(durable=True)
def end_drop(*, drop: Drop) -> None:
    """End it now: free pieces return to stock, held ones may still be paid. Raises DropIsOver."""
    if not end_allotment(allotment_id=drop.allotment_id):
        raise DropIsOver
    _tell_end(drop, by=EndedBy.HAND)


def end_due_drops() -> int:
    """End every drop whose window is over, one transaction each; how many. Safe at any time, by anybody.

    Also tells the end of those whose pieces somebody else withdrew at the end of the window. A drop that somebody
    keeps locked holds up no other.
    """
    is_due = Q(allotment__ended_at=None, allotment__closes_at__lte=DatabaseNow())
    is_untold = Q(allotment__ended_at__isnull=False) & _has(EntryKind.PLANNED) & ~_has(EntryKind.CLOSED)
    drops = {drop.allotment_id: drop for drop in Drop.objects.filter(is_due | is_untold).select_related("offer")}
    return each_sale(drops, lambda allotment_id: _end_due(drops[allotment_id]))


def end_sold_drops() -> int:
    """End every running drop of which each piece is sold, one transaction each; how many. Safe at any time, by anybody.

    Nothing can come back to its line any more, except by a refund, and then it goes to the stock.
    """
    unsold = Piece.objects.filter(allotment=OuterRef("allotment"), state__in=UNSOLD)
    running = Drop.objects.filter(allotment__ended_at=None, allotment__opens_at__lte=DatabaseNow())
    drops = {drop.allotment_id: drop for drop in running.exclude(Exists(unsold)).select_related("offer")}
    return each_sale(drops, lambda allotment_id: _end_sold(drops[allotment_id]))


@inside_transaction
def end_drops_of(*, event_id: int) -> int:
    """The show is over: end what is still open or planned in it; how many. Held pieces may still be paid."""
    unended = list(
        Drop.objects.filter(event_id=event_id, allotment__ended_at=None).select_related("offer", "allotment")
    )
    lock_shelves(
        allotment_ids=[drop.allotment_id for drop in unended],
        variant_ids=[drop.allotment.variant_id for drop in unended],
    )
    ended = [drop for drop in unended if end_allotment(allotment_id=drop.allotment_id)]
    return sum(_tell_end(drop, by=EndedBy.SHOW) for drop in ended)


@inside_transaction
def call_off_drops_of(*, event_id: int) -> None:
    """The show was cancelled: end its drops and let go of what is held but not being paid.

    Raises BeingPaid where a payment began meanwhile; then doing it again helps.
    """
    end_drops_of(event_id=event_id)
    held = Hold.objects.filter(allotment__in=Drop.objects.filter(event_id=event_id).values("allotment"))
    for hold in held.filter(ended_at=None, pay_until=None).select_related("shopper"):
        let_go(hold_id=hold.pk, shopper=hold.shopper)


@inside_transaction
def lock_drop(*, drop: Drop) -> Drop:
    """The drop as it is now, its show locked first, then its sale. Raises DropIsOver."""
    locked(drop.event_id)
    drop = (
        Drop.objects.select_for_update(of=("self", "allotment"), no_key=True)
        .select_related("event", "offer", "allotment")
        .get(pk=drop.pk)
    )
    now, sale = database_now(), drop.allotment
    if sale.ended_at or (sale.closes_at and sale.closes_at <= now):
        raise DropIsOver
    return drop


def _locked(drop: Drop) -> Drop:
    """The drop as it is now, locked. Raises DropIsOver, OpenAlready."""
    drop = lock_drop(drop=drop)
    if drop.allotment.opens_at and drop.allotment.opens_at <= database_now():
        raise OpenAlready
    return drop


def _set_window(drop: Drop, *, opens_at: datetime, fact: str) -> datetime:
    """The same window for the pieces and for their price; when it ends."""
    closes_at = opens_at + timedelta(seconds=drop.duration_s)
    open_allotment(allotment=drop.allotment, opens_at=opens_at, closes_at=closes_at)
    set_window(offer=drop.offer, opens_at=opens_at, closes_at=closes_at)
    facts.record(fact, subject=drop.pk, event=drop.event_id, opens_at=opens_at.isoformat())
    return closes_at


@transaction.atomic(durable=True)
def _end_due(drop: Drop) -> bool:
    """Whether it is told now; its window may have been moved since somebody found it due."""
    end_if_over(allotment_id=drop.allotment_id)
    return _tell_end(drop, by=EndedBy.CLOCK)


@transaction.atomic(durable=True)
def _end_sold(drop: Drop) -> bool:
    return end_if_sold(allotment_id=drop.allotment_id) and _tell_end(drop, by=EndedBy.SOLD)


def _tell_end(drop: Drop, *, by: EndedBy) -> bool:
    """The record, the offer and the fact of a sale that ended; False where it has not, or where that is told."""
    if not record.close(drop=drop, by=by):
        return False
    close_offer(offer=drop.offer)
    facts.record("drop.ended", subject=drop.pk, event=drop.event_id)
    return True


def _has(kind: EntryKind) -> Exists:
    return Exists(DropEntry.objects.filter(drop=OuterRef("pk"), kind=kind))
