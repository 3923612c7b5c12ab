"""Shows and drops."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from liveevents.drops.models import Drop
from liveevents.drops.planning import plan_drop
from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.money import Money
from shop.pricing.services import set_window
from shop.stock.models import Waiter
from shop.stock.services import join_line, open_allotment
from shop.stores.models import Store
from tests.make.shop import product, store, variant

_NUMBERS = count(1)


def event(of: Store | None = None, *, state: EventState = EventState.LIVE, video_url: str = "") -> LiveEvent:
    """A show, live unless told otherwise."""
    return LiveEvent.objects.create(
        store=of or store(),
        slug=f"show-{next(_NUMBERS)}",
        title="Friday show",
        starts_at=datetime(2026, 6, 1, 12, 0, tzinfo=UTC),
        state=state,
        video_url=video_url,
    )


def planned_drop(
    of: LiveEvent | None = None,
    *,
    pieces: int = 3,
    price_minor: int = 1800,
    per_person: int = 1,
    hold_s: int = 120,
    duration_s: int = 600,
    **terms: Any,
) -> Drop:
    """A drop of a mug, with as many in stock as it takes, that nobody opened yet; `terms` are plan_drop()'s others."""
    of = of or event()
    goods = variant(product(of.store), stock=pieces)
    return plan_drop(
        event=of,
        variant=goods,
        price=Money(price_minor, of.store.currency),
        pieces=pieces,
        per_person=per_person,
        hold_s=hold_s,
        duration_s=duration_s,
        title="Mug of the night",
        **terms,
    )


def drop(
    of: LiveEvent | None = None,
    *,
    pieces: int = 3,
    price_minor: int = 1800,
    per_person: int = 1,
    hold_s: int = 120,
    opens_at: datetime | None = None,
    lasts: timedelta = timedelta(minutes=10),
    **terms: Any,
) -> Drop:
    """A drop that opened a minute ago, or at the given instant."""
    made = planned_drop(of, pieces=pieces, price_minor=price_minor, per_person=per_person, hold_s=hold_s, **terms)
    opens_at = opens_at or clock.database_now() - timedelta(minutes=1)
    with transaction.atomic():
        open_allotment(allotment=made.allotment, opens_at=opens_at, closes_at=opens_at + lasts)
        set_window(offer=made.offer, opens_at=opens_at, closes_at=opens_at + lasts)
    return made


def waits(who: Shopper, drop: Drop, *, quantity: int = 1, takes_fewer: bool = False) -> Waiter:
    """Somebody who joined the line of a drop of which nothing is free."""
    join_line(allotment_id=drop.allotment_id, shopper_id=who.pk, quantity=quantity, takes_fewer=takes_fewer)
    return Waiter.objects.get(allotment=drop.allotment_id, shopper=who, left_at=None)
