"""Writing shows: their details and their moves."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import slugify

from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from liveevents.events.video import recognise
from shop.core import facts
from shop.core.db import inside_transaction
from shop.core.errors import Conflict, Invalid
from shop.core.states import advance
from shop.stores.models import Store

FURTHEST_AHEAD = timedelta(days=366)
LATE = timedelta(minutes=15)
SLUG_LENGTH = 60
KEPT_SLUGS = frozenset({"next"})  # an address of our own below the store's shows


class NoTitle(Invalid):
    code = "no_title"
    sentence = "A show needs a title of at most 120 characters."


class BadStart(Invalid):
    code = "bad_start"
    sentence = "A show starts in the future, at most a year ahead."


class WrongMoment(Conflict):
    """The show's state does not lead there."""

    code = "wrong_moment"
    sentence = "This show {state}: it cannot {move}."


STATE_WORDS = {
    EventState.DRAFT: "is still a draft",
    EventState.SCHEDULED: "is scheduled",
    EventState.LIVE: "is live",
    EventState.ENDED: "has ended",
    EventState.CANCELLED: "was cancelled",
}


@transaction.atomic(durable=True)
def draft_event(
    *, store: Store, title: str, about: str, video_url: str, starts_at: datetime, at: datetime
) -> LiveEvent:
    """A new show that only the team sees, with an address made from its title.

    Raises NoTitle, BadStart and UnknownVideo, each with its `field`.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    event = LiveEvent(store=store, slug=_free_slug(store, title))
    _write_details(event, title=title, about=about, video_url=video_url, starts_at=starts_at, at=at)
    event.save()
    facts.record("event.drafted", subject=event.pk)
    return event


@transaction.atomic(durable=True)
def change_event(
    *, event: LiveEvent, title: str, about: str, video_url: str, starts_at: datetime, at: datetime
) -> LiveEvent:
    """Other details for a show that is not over; its address stays.

    Raises NoTitle, BadStart and UnknownVideo, each with its `field`; WrongMoment once it is over.
    """
    event = locked(event.pk)
    if not event.is_planned and not event.is_live:
        raise _wrong(event, "be changed")
    _write_details(event, title=title, about=about, video_url=video_url, starts_at=starts_at, at=at)
    event.save(update_fields=["title", "about", "video_url", "starts_at"])
    return event


@transaction.atomic(durable=True)
def schedule_event(*, event: LiveEvent) -> LiveEvent:
    """Show a draft to everybody. Raises WrongMoment."""
    return _move(event.pk, EventState.SCHEDULED, "be scheduled", "event.scheduled")


@transaction.atomic(durable=True)
def withdraw_event(*, event: LiveEvent) -> LiveEvent:
    """Make a scheduled show a draft again. Raises WrongMoment."""
    return _move(event.pk, EventState.DRAFT, "become a draft", "event.withdrawn")


@transaction.atomic(durable=True)
def go_live(*, event: LiveEvent, at: datetime) -> LiveEvent:
    """On air: from now on its drops may be opened. Raises WrongMoment."""
    return _move(event.pk, EventState.LIVE, "go live", "event.live", live_at=at)


@transaction.atomic(durable=True)
def end_event(*, event: LiveEvent, at: datetime) -> LiveEvent:
    """Off air. The fact event.ended ends what is still open in it. Raises WrongMoment."""
    return _move(event.pk, EventState.ENDED, "end", "event.ended", ended_at=at)


@transaction.atomic(durable=True)
def cancel_event(*, event: LiveEvent, at: datetime) -> LiveEvent:
    """Call the show off. The fact event.cancelled ends its drops and gives every buyer their money back.

    Raises WrongMoment.
    """
    return _move(event.pk, EventState.CANCELLED, "be cancelled", "event.cancelled", cancelled_at=at)


@inside_transaction
def locked(event_id: int) -> LiveEvent:
    """The show as it is now; nobody moves it until the transaction ends."""
    return LiveEvent.objects.select_for_update(of=("self",), no_key=True).select_related("store").get(pk=event_id)


def _move(event_id: int, to: EventState, move: str, fact: str, **stamps: datetime) -> LiveEvent:
    event = locked(event_id)
    if to not in event.moves[event.state]:
        raise _wrong(event, move)
    facts.record(fact, subject=event.pk)
    return advance(event, to, **stamps)


def _write_details(
    event: LiveEvent, *, title: str, about: str, video_url: str, starts_at: datetime, at: datetime
) -> None:
    """Check and set the details; an unchanged start may lie in the past."""
    if not title.strip() or len(title.strip()) > 120:
        raise NoTitle(field="title")
    if starts_at != event.starts_at and not at - LATE <= starts_at <= at + FURTHEST_AHEAD:
        raise BadStart(field="starts_at")
    event.title, event.about, event.starts_at = title.strip(), about.strip(), starts_at
    event.video_url = recognise(video_url).watch_url if video_url.strip() else ""


def _free_slug(store: Store, title: str) -> str:
    """The title as an address that no other show of the store has: friday-drop, friday-drop-2."""
    wanted = slugify(title)[:SLUG_LENGTH].strip("-") or "show"
    used = LiveEvent.objects.filter(store=store, slug__startswith=wanted).values_list("slug", flat=True)
    taken = KEPT_SLUGS.union(used)
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in [wanted, *numbered] if slug not in taken)


def _wrong(event: LiveEvent, move: str) -> WrongMoment:
    return WrongMoment(state=STATE_WORDS[EventState(event.state)], move=move)
