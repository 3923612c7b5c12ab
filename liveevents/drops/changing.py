"""Changing a drop before it is over: a later end, a lower price, more pieces. Each change is told in its record.

Locks in the order show, drop and sale, stock, pieces. A drop that is over changes no more.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from liveevents.drops import record
from liveevents.drops.errors import (
    MOST_DURATION_S,
    BadDuration,
    BadPieces,
    ChangedMeanwhile,
    NotOpenYet,
    TooFewInStock,
)
from liveevents.drops.ladder import check_price
from liveevents.drops.models import Drop, EntryKind
from liveevents.drops.services import lock_drop
from shop.core import facts
from shop.core.clock import database_now
from shop.core.money import Money
from shop.pricing.services import lower_offer, set_window
from shop.stock import changing
from shop.stock.claiming import MOST_PIECES
from shop.stock.errors import OutOfStock
from shop.stock.models import Piece


@transaction.atomic(durable=True)
def extend_drop(*, drop: Drop, by_s: int, seen: datetime) -> Drop:
    """Let a running drop close so many seconds later than it was `seen` to close; a press that came twice counts once.

    Raises DropIsOver, NotOpenYet, ChangedMeanwhile, and BadDuration with `field` where it would last over a day.
    """
    drop = lock_drop(drop=drop)
    sale, now = drop.allotment, database_now()
    if sale.opens_at is None or sale.closes_at is None or sale.opens_at > now:
        raise NotOpenYet
    if seen != sale.closes_at:
        raise ChangedMeanwhile
    closes_at = seen + timedelta(seconds=by_s)
    if by_s < 1 or closes_at - sale.opens_at > timedelta(seconds=MOST_DURATION_S):
        raise BadDuration(field="by_s")
    record.catch_up(drop=drop)
    changing.extend_window(allotment=sale, closes_at=closes_at)
    set_window(offer=drop.offer, opens_at=sale.opens_at, closes_at=closes_at)
    _tell(drop, EntryKind.EXTENDED, closes_at=closes_at.isoformat(), was=seen.isoformat())
    return drop


@transaction.atomic(durable=True)
def lower_price(*, drop: Drop, price: Money) -> int:
    """No free piece costs more than this from now on; how many became cheaper.

    Steps of a ladder below the price stay. Who holds a piece keeps its price, and so does a piece that was sold; one
    that comes back costs no more than the new price. Raises DropIsOver, NotLower, and BadPrice(least) with `field`.
    """
    drop = lock_drop(drop=drop)
    check_price(price, currency=drop.allotment.currency, field="price")
    record.catch_up(drop=drop)
    changed = changing.lower_price(allotment=drop.allotment, price_minor=price.amount_minor)
    lower_offer(offer=drop.offer, price=price)
    _tell(drop, EntryKind.PRICE_CHANGED, price_minor=price.amount_minor, changed=changed)
    return changed


@transaction.atomic(durable=True)
def add_pieces(*, drop: Drop, more: int, seen: int) -> int:
    """Set so many more pieces aside, beside the `seen` ones; the first new number. A press that came twice counts once.

    They are handed out last, the line first, at the price of the last piece. Raises DropIsOver, ChangedMeanwhile, and
    with `field` BadPieces and TooFewInStock(left).
    """
    drop = lock_drop(drop=drop)
    if Piece.objects.filter(allotment=drop.allotment_id).count() != seen:
        raise ChangedMeanwhile
    if not 1 <= more <= MOST_PIECES - seen:
        raise BadPieces(field="more")
    record.catch_up(drop=drop)
    try:
        first = changing.add_pieces(allotment=drop.allotment, more=more)
    except OutOfStock as none_left:
        raise TooFewInStock(field="more", left=none_left.details["left"]) from none_left
    price_minor = Piece.objects.values_list("price_minor", flat=True).get(allotment=drop.allotment_id, number=first)
    _tell(drop, EntryKind.PIECES_ADDED, added=more, price_minor=price_minor)
    return first


def _tell(drop: Drop, kind: EntryKind, **more: Any) -> None:
    """The public record, and the fact."""
    record.write(drop=drop, kind=kind, **more)
    facts.record(f"drop.{kind}", subject=drop.pk, event=drop.event_id, **more)
