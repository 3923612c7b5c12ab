"""Shows: their details and their moves."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from liveevents.events import services
from liveevents.events.models import LiveEvent
from liveevents.events.queries import event_of, events_of, public_events
from liveevents.events.states import EVENT_MOVES, EventState
from liveevents.events.video import UnknownVideo
from shop.accounts.models import User
from shop.core.facts import Fact
from shop.stores.models import Member, Role, Store
from tests import make
from tests.conftest import NOON
from tests.make import live

pytestmark = pytest.mark.django_db

MOVES: dict[EventState, Any] = {
    EventState.SCHEDULED: lambda event: services.schedule_event(event=event),
    EventState.DRAFT: lambda event: services.withdraw_event(event=event),
    EventState.LIVE: lambda event: services.go_live(event=event, at=NOON),
    EventState.ENDED: lambda event: services.end_event(event=event, at=NOON),
    EventState.CANCELLED: lambda event: services.cancel_event(event=event, at=NOON),
}


def draft(store: Store, **other: Any) -> LiveEvent:
    details = {"title": "Friday drop", "about": "", "video_url": "", "starts_at": NOON + timedelta(days=1), **other}
    return services.draft_event(store=store, at=NOON, **details)


def facts() -> list[tuple[str, str]]:
    return list(Fact.objects.order_by("pk").values_list("kind", "subject"))


def test_a_new_show_is_a_draft_that_nobody_else_sees() -> None:
    event = draft(make.store(), video_url="https://youtu.be/dQw4w9WgXcQ")

    assert event.state == EventState.DRAFT
    assert event.video_url == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert not public_events().exists()


def test_two_shows_of_one_title_have_two_addresses() -> None:
    store, other = make.store(), make.store()

    slugs = [draft(store).slug, draft(store).slug, draft(store).slug, draft(other).slug]

    assert slugs == ["friday-drop", "friday-drop-2", "friday-drop-3", "friday-drop"]


@pytest.mark.parametrize(("title", "slug"), [("Next", "next-2"), ("夜のショー", "show"), ("x" * 120, "x" * 60)])
def test_every_title_has_an_address(title: str, slug: str) -> None:
    assert draft(make.store(), title=title).slug == slug


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"title": "  "}, services.NoTitle),
        ({"title": "x" * 121}, services.NoTitle),
        ({"starts_at": NOON - timedelta(hours=1)}, services.BadStart),
        ({"starts_at": NOON + timedelta(days=400)}, services.BadStart),
        ({"video_url": "http://youtu.be/dQw4w9WgXcQ"}, UnknownVideo),
    ],
)
def test_a_wrong_detail_is_refused_at_its_field(wrong: dict[str, Any], refusal: Any) -> None:
    with pytest.raises(refusal) as refused:
        draft(make.store(), **wrong)

    assert refused.value.details["field"] == next(iter(wrong))
    assert not LiveEvent.objects.exists()
    assert facts() == []


def test_details_change_while_the_show_is_not_over_and_its_address_stays() -> None:
    event = live.event(state=EventState.LIVE)

    services.change_event(
        event=event,
        title="Saturday",
        about="Later",
        video_url="",
        starts_at=event.starts_at,
        at=NOON + timedelta(days=9),
    )

    event.refresh_from_db()
    assert (event.title, event.about, event.slug) == ("Saturday", "Later", event.slug)


def test_the_details_of_a_show_that_is_over_stay() -> None:
    event = live.event(state=EventState.ENDED)

    with pytest.raises(services.WrongMoment, match="has ended: it cannot be changed"):
        services.change_event(event=event, title="Other", about="", video_url="", starts_at=event.starts_at, at=NOON)

    event.refresh_from_db()
    assert event.title == "Friday show"


@pytest.mark.parametrize("state", EventState)
@pytest.mark.parametrize("to", EventState)
def test_a_show_moves_as_its_table_says_and_no_other_way(state: EventState, to: EventState) -> None:
    event = live.event(state=state)

    if to in EVENT_MOVES[state]:
        MOVES[to](event)
        expected = to
    else:
        with pytest.raises(services.WrongMoment):
            MOVES[to](event)
        expected = state

    event.refresh_from_db()
    assert event.state == expected
    assert len(facts()) == (expected != state)


def test_moves_stamp_their_instant_and_leave_a_fact() -> None:
    event = live.event(state=EventState.SCHEDULED)

    services.go_live(event=event, at=NOON)
    services.end_event(event=event, at=NOON + timedelta(hours=1))
    services.cancel_event(event=event, at=NOON + timedelta(hours=2))

    event.refresh_from_db()
    hours = [NOON + timedelta(hours=hour) for hour in range(3)]
    assert [event.live_at, event.ended_at, event.cancelled_at] == hours
    subject = str(event.pk)
    assert facts() == [("event.live", subject), ("event.ended", subject), ("event.cancelled", subject)]


def test_a_second_press_on_go_live_is_refused_in_words() -> None:
    event = live.event(state=EventState.SCHEDULED)
    services.go_live(event=event, at=NOON)

    with pytest.raises(services.WrongMoment, match="This show is live: it cannot go live"):
        services.go_live(event=event, at=NOON)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.FULFILMENT])
def test_only_owners_find_a_show_in_the_studio(role: Role, cora: User, fred: User) -> None:
    store = make.store(owner=cora)
    Member.objects.create(store=store, user=fred, role=role)
    event = live.event(store)
    stranger = make.user()

    assert event_of(user=cora, event_id=event.pk) == event
    assert not events_of(fred).exists()
    assert not events_of(stranger).exists()


def test_a_closed_store_shows_nothing() -> None:
    event = live.event()
    Store.objects.filter(pk=event.store_id).update(closed_at=datetime.now(tz=NOON.tzinfo))

    assert not public_events().exists()
