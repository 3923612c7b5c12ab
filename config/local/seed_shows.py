"""The demo's shows: one on the air, one announced, one that only the team sees."""

from datetime import datetime, time, timedelta
from functools import cache
from typing import Final

from django.core.files.base import ContentFile

from config.local.pictures import draw_poster
from liveevents.drops.ladder import Step
from liveevents.drops.planning import plan_drop
from liveevents.events.models import LiveEvent
from liveevents.events.services import draft_event, go_live, schedule_event
from liveevents.events.states import EventState
from shop.catalog.models import Variant
from shop.core.money import Money
from shop.stores.models import Store

# Blender's open film stands in for a stream: it may be embedded anywhere and will still be there next year.
VIDEO: Final = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
# Nobody speaks in the demo's stream: who reads what the show is about hears it there.
WORD: Final = "slow fire"
ON_AIR: Final = (
    "Kiln opening, live",
    "The kiln has cooled for two days; now it is opened. What comes out is numbered, shown and sold from the table, "
    "a handful of pieces every few minutes. Claim one in a tap and it is yours while its clock runs. "
    f"When a drop asks for the code word: it is “{WORD}”.",
)
NEXT: Final = (
    "Second firing",
    "The vases that were still too wet last week, and twenty records with a hand-printed sleeve.",
)
DRAFT: Final = ("Winter table", "Bowls for soup, candles for the dark, and the first prints of the new year.")


def plan_shows(store: Store, *, at: datetime) -> None:
    """The shows that are missing: there is always one on the air."""
    events = LiveEvent.objects.filter(store=store)
    if not events.filter(state=EventState.LIVE).exists():
        go_live(event=_draft(store, ON_AIR, starts_at=at, at=at), at=at)
    if not events.filter(state=EventState.SCHEDULED).exists():
        event = _draft(store, NEXT, starts_at=_evening(at, days=7), at=at)
        _plan_records(event)
        schedule_event(event=event)
    if not events.filter(state=EventState.DRAFT).exists():
        _draft(store, DRAFT, starts_at=_evening(at, days=21), at=at)


def _draft(store: Store, words: tuple[str, str], *, starts_at: datetime, at: datetime) -> LiveEvent:
    title, about = words
    event = draft_event(store=store, title=title, about=about, video_url=VIDEO, starts_at=starts_at, at=at)
    event.poster.save(f"{event.slug}.jpg", ContentFile(_poster()))
    return event


@cache
def _poster() -> bytes:
    """One picture for all shows: drawing takes longer than everything else about them."""
    return draw_poster()


def _plan_records(event: LiveEvent) -> None:
    record = Variant.objects.select_related("product").get(product__store=event.store, sku="SW-LP1")
    plan_drop(
        event=event,
        variant=record,
        price=Money(2200, record.currency),
        pieces=20,
        per_person=1,
        hold_s=180,
        duration_s=600,
        title="Slack Tide, hand-printed sleeve",
        ladder=[Step(5, Money(1600, record.currency)), Step(5, Money(1900, record.currency))],
    )


def _evening(at: datetime, *, days: int) -> datetime:
    """Six in the evening, UTC, so many days ahead."""
    return datetime.combine((at + timedelta(days=days)).date(), time(18), tzinfo=at.tzinfo)
