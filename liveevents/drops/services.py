"""Running drops: opened by hand or by the clock, ended once. Planning: `planning.py`."""

from datetime import datetime, timedelta

from django.db import transaction

from liveevents.drops.errors import BadOpening, DropIsOver, NotOnAir, OpenAlready, ShowIsOver
from liveevents.drops.models import Drop
from liveevents.events.services import locked
from shop.core import facts
from shop.core.clock import DatabaseNow, database_now
from shop.core.db import inside_transaction
from shop.pricing.services import close_offer, set_window
from shop.stock.models import Hold
from shop.stock.services import each_sale, end_allotment, let_go, lock_shelves, open_allotment

FURTHEST_AHEAD = timedelta(days=366)


@transaction.atomic(durable=True)
def open_drop(*, drop: Drop) -> Drop:
    """Open it now, by the database's clock, for as long as it was planned to last.

    Raises NotOnAir where the show is not live, OpenAlready, DropIsOver.
    """
    drop = _locked(drop)
    if not drop.event.is_live:
        raise NotOnAir
    return _set_window(drop, opens_at=database_now(), fact="drop.opened")


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
    return _set_window(drop, opens_at=opens_at, fact="drop.scheduled")


@transaction.atomic(durable=True)
def end_drop(*, drop: Drop) -> None:
    """End it now: free pieces return to stock, held ones may still be paid. Raises DropIsOver."""
    if not _end(drop):
        raise DropIsOver


def end_due_drops() -> int:
    """End every drop whose window is over, one transaction each; how many. Safe at any time, by anybody.

    A drop that somebody keeps locked holds up no other.
    """
    due = Drop.objects.filter(allotment__ended_at=None, allotment__closes_at__lte=DatabaseNow())
    drops = {drop.allotment_id: drop for drop in due.select_related("offer")}
    return each_sale(drops, lambda allotment_id: _end_due(drops[allotment_id]))


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
    return sum(_end(drop) for drop in unended)


@inside_transaction
def call_off_drops_of(*, event_id: int) -> None:
    """The show was cancelled: end its drops and let go of what is held but not being paid.

    Raises BeingPaid where a payment began meanwhile; then doing it again helps.
    """
    end_drops_of(event_id=event_id)
    held = Hold.objects.filter(allotment__in=Drop.objects.filter(event_id=event_id).values("allotment"))
    for hold in held.filter(ended_at=None, pay_until=None).select_related("shopper"):
        let_go(hold_id=hold.pk, shopper=hold.shopper)


def _locked(drop: Drop) -> Drop:
    """The drop as it is now, its show locked first. Raises DropIsOver, OpenAlready."""
    locked(drop.event_id)
    drop = (
        Drop.objects.select_for_update(of=("self", "allotment"), no_key=True)
        .select_related("event", "offer", "allotment")
        .get(pk=drop.pk)
    )
    now, sale = database_now(), drop.allotment
    if sale.ended_at or (sale.closes_at and sale.closes_at <= now):
        raise DropIsOver
    if sale.opens_at and sale.opens_at <= now:
        raise OpenAlready
    return drop


def _set_window(drop: Drop, *, opens_at: datetime, fact: str) -> Drop:
    """The same window for the pieces and for their price."""
    closes_at = opens_at + timedelta(seconds=drop.duration_s)
    open_allotment(allotment=drop.allotment, opens_at=opens_at, closes_at=closes_at)
    set_window(offer=drop.offer, opens_at=opens_at, closes_at=closes_at)
    facts.record(fact, subject=drop.pk, event=drop.event_id, opens_at=opens_at.isoformat())
    return drop


@transaction.atomic(durable=True)
def _end_due(drop: Drop) -> bool:
    return _end(drop)


def _end(drop: Drop) -> bool:
    """Whether it had not ended before."""
    if not end_allotment(allotment_id=drop.allotment_id):
        return False
    close_offer(offer=drop.offer)
    facts.record("drop.ended", subject=drop.pk, event=drop.event_id)
    return True
