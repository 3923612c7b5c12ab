"""The studio: for owners only, wrong fields told at the field, every press one move."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from liveevents.claims.services import claim
from liveevents.drops.models import Drop
from liveevents.drops.services import open_drop
from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.accounts.models import Shopper, User
from shop.stock.models import Piece
from shop.stores.models import Member, Role, Store
from tests import make
from tests.conftest import NOON
from tests.make import live

pytestmark = pytest.mark.django_db

DETAILS = {"title": "Friday drop", "starts_at": "2026-12-01T18:00", "video_url": "", "about": ""}


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """The database's clock stands still."""


@pytest.fixture
def store(cora: User) -> Store:
    return make.store("coras", owner=cora)


@pytest.fixture
def studio(cora: User) -> Client:
    client = Client()
    client.force_login(cora)
    return client


def terms(store: Store, **other: Any) -> dict[str, Any]:
    mug = make.variant(make.product(store), stock=10)
    fitting = {"variant": mug.pk, "title": "", "price": "15.00", "pieces": 5, "per_person": 1, "hold_s": 120}
    return {**fitting, "duration_s": 300, **other}


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def addresses(event: LiveEvent, drop: Drop) -> list[tuple[str, str]]:
    """Every address of the studio, with the method that it is for."""
    at, store = f"/studio/{event.pk}", event.store.handle
    posts = [f"{at}/move/{move}/" for move in ("schedule", "withdraw", "go-live", "end")]
    posts += [f"/studio/drops/{drop.pk}/{move}/" for move in ("open", "schedule", "end", "extend", "price", "pieces")]
    gets = [
        "/studio/",
        f"/studio/new/{store}/",
        f"{at}/",
        f"{at}/edit/",
        f"{at}/state/",
        f"{at}/cancel/",
        f"{at}/drops/new/",
    ]
    both = [f"{at}/cancel/", f"{at}/edit/", f"{at}/drops/new/", f"/studio/new/{store}/"]
    return [("get", url) for url in gets] + [("post", url) for url in posts + both]


@pytest.mark.parametrize("role", [None, Role.MODERATOR, Role.FULFILMENT])
def test_strangers_and_staff_find_nothing_here(store: Store, fred: User, role: Role | None) -> None:
    event = live.event(store, state=EventState.SCHEDULED)
    drop = live.planned_drop(event)
    if role:
        Member.objects.create(store=store, user=fred, role=role)
    client = Client()
    client.force_login(fred)

    statuses = {url: getattr(client, method)(url).status_code for method, url in addresses(event, drop)}

    assert set(statuses.values()) == {404}
    event.refresh_from_db()
    assert event.state == EventState.SCHEDULED


def test_another_stores_owner_finds_nothing_of_this_one(store: Store) -> None:
    event = live.event(store)
    drop = live.planned_drop(event)
    make.store(owner=(other := make.user()))
    client = Client()
    client.force_login(other)

    statuses = {url: getattr(client, method)(url).status_code for method, url in addresses(event, drop)}

    assert statuses.pop("/studio/") == 200
    assert set(statuses.values()) == {404}


def test_a_guest_is_asked_to_sign_in(store: Store) -> None:
    event = live.event(store)

    for method, url in addresses(event, live.planned_drop(event)):
        answer = getattr(Client(), method)(url)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")


def test_a_show_is_planned_run_and_ended(studio: Client, store: Store) -> None:
    studio.post("/studio/new/coras/", DETAILS)
    event = LiveEvent.objects.get()
    seen = []
    for move in ("schedule", "go-live", "end"):
        studio.post(f"/studio/{event.pk}/move/{move}/")
        event.refresh_from_db()
        seen.append(event.state)

    assert (event.title, event.slug, event.store) == ("Friday drop", "friday-drop", store)
    assert seen == [EventState.SCHEDULED, EventState.LIVE, EventState.ENDED]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "This field is required."),
        ({"starts_at": "2020-01-01T10:00"}, "A show starts in the future, at most a year ahead."),
        ({"starts_at": "tomorrow"}, "Enter a valid date/time."),
        ({"video_url": "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ"}, "We do not know videos at"),
        ({"video_url": "javascript:alert(1)"}, "The address must begin with https://."),
    ],
)
def test_a_wrong_detail_is_told_at_its_field(studio: Client, store: Store, wrong: dict[str, str], said: str) -> None:
    answer = studio.post("/studio/new/coras/", {**DETAILS, **wrong})

    (field,) = wrong
    assert list(errors(answer)) == [field]
    assert errors(answer)[field][0].startswith(said)
    assert not LiveEvent.objects.exists()


def test_a_move_that_is_not_possible_is_told_in_words(studio: Client, store: Store) -> None:
    event = live.event(store, state=EventState.ENDED)

    said = studio.post(f"/studio/{event.pk}/move/go-live/", follow=True).content.decode()

    assert "This show has ended: it cannot go live." in said
    assert studio.post(f"/studio/{event.pk}/move/explode/").status_code == 404


def test_details_of_a_show_are_changed(studio: Client, store: Store) -> None:
    event = live.event(store)

    shown = studio.get(f"/studio/{event.pk}/edit/").content.decode()
    studio.post(f"/studio/{event.pk}/edit/", {**DETAILS, "starts_at": "2026-06-01T12:00", "title": "Saturday drop"})

    assert 'value="Friday show"' in shown
    event.refresh_from_db()
    assert event.title == "Saturday drop"


def test_cancelling_asks_first_with_what_follows(studio: Client, store: Store) -> None:
    event = live.event(store)

    asked = studio.get(f"/studio/{event.pk}/cancel/").content.decode()
    event.refresh_from_db()
    assert event.state == EventState.LIVE
    studio.post(f"/studio/{event.pk}/cancel/")

    assert "Nobody has bought a piece yet, so no money goes back." in asked
    event.refresh_from_db()
    assert event.state == EventState.CANCELLED


def test_a_drop_is_planned_opened_and_ended(studio: Client, store: Store) -> None:
    event = live.event(store)
    studio.post(f"/studio/{event.pk}/drops/new/", terms(store))
    drop = Drop.objects.get()
    shown = studio.get(f"/studio/{event.pk}/").content.decode()

    assert (drop.title, drop.offer.price_minor, Piece.objects.count()) == ("Mug", 1500, 5)
    assert "Open now" in shown
    studio.post(f"/studio/drops/{drop.pk}/open/")
    assert "End the drop" in studio.get(f"/studio/{event.pk}/").content.decode()
    studio.post(f"/studio/drops/{drop.pk}/end/")
    drop.allotment.refresh_from_db()
    assert drop.allotment.ended_at


def test_a_running_drop_becomes_longer_cheaper_and_larger(studio: Client, store: Store) -> None:
    drop = live.drop(live.event(store), pieces=2, price_minor=2000, opens_at=NOON)
    make.stock_up(drop.allotment.variant, 3)
    shown = studio.get(f"/studio/{drop.event_id}/").content.decode()
    seen = "2026-06-01T12:10:00+00:00"
    assert f'name="seen" value="{seen}"' in shown

    for _ in range(2):
        studio.post(f"/studio/drops/{drop.pk}/extend/", {"by_s": "60", "seen": seen})
        studio.post(f"/studio/drops/{drop.pk}/price/", {"price": "15.50"})
        studio.post(f"/studio/drops/{drop.pk}/pieces/", {"more": "3", "seen": "2"})

    drop.allotment.refresh_from_db()
    assert drop.allotment.closes_at == NOON + timedelta(seconds=660)
    assert [piece.price_minor for piece in drop.allotment.pieces.all()] == [1550] * 5
    said = studio.get(f"/studio/{drop.event_id}/").content.decode()
    assert said.count("This drop was changed meanwhile") == 2
    assert "No free piece costs more than that already." in said


@pytest.mark.parametrize(
    ("change", "body", "said"),
    [
        ("extend", {"by_s": "0", "seen": "2026-06-01T12:10:00+00:00"}, "Seconds: Ensure"),
        ("extend", {"by_s": "60", "seen": "yesterday"}, "Enter a valid date/time"),
        ("extend", {"by_s": "86400", "seen": "2026-06-01T12:10:00+00:00"}, "lasts from 10 seconds to 24 hours"),
        ("price", {"price": "cheap"}, "Price: Enter a number"),
        ("price", {"price": "0.01"}, "at least €0.50"),
        ("price", {"price": "15.005"}, "no such small coins"),
        ("price", {"price": "99"}, "No free piece costs more"),
        ("pieces", {"more": "-1", "seen": "2"}, "More pieces: Ensure"),
        ("pieces", {"more": "4", "seen": "2"}, "Only 3 are in stock"),
    ],
)
def test_a_wrong_change_is_told_and_nothing_changes(
    studio: Client, store: Store, change: str, body: dict[str, str], said: str
) -> None:
    drop = live.drop(live.event(store), pieces=2, price_minor=2000, opens_at=NOON)
    make.stock_up(drop.allotment.variant, 3)

    answer = studio.post(f"/studio/drops/{drop.pk}/{change}/", body, follow=True)

    assert said in answer.content.decode()
    assert [piece.price_minor for piece in drop.allotment.pieces.all()] == [2000, 2000]
    assert [entry.kind for entry in drop.entries.all()] == ["planned"]


def test_a_drop_is_announced_for_an_hour(studio: Client, store: Store) -> None:
    drop = live.planned_drop(live.event(store))

    studio.post(f"/studio/drops/{drop.pk}/schedule/", {"opens_at": "2026-06-01T12:30:00"})

    drop.allotment.refresh_from_db()
    assert drop.allotment.opens_at == NOON + timedelta(minutes=30)


@pytest.mark.parametrize("opens_at", ["", "noon", "2026-06-01T11:59"])
def test_a_wrong_hour_is_told_and_nothing_is_announced(studio: Client, store: Store, opens_at: str) -> None:
    drop = live.planned_drop(live.event(store))

    answer = studio.post(f"/studio/drops/{drop.pk}/schedule/", {"opens_at": opens_at}, follow=True)

    assert 'class="notice bad"' in answer.content.decode()
    drop.allotment.refresh_from_db()
    assert drop.allotment.opens_at is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pieces": 11}, "Only 10 are in stock."),
        ({"pieces": 0}, "Ensure this value is greater than or equal to 1."),
        ({"pieces": 10_001}, "Ensure this value is less than or equal to 10000."),
        ({"per_person": 6}, "One person may have from 1 piece up to as many as the drop has."),
        ({"price": "0"}, "Ensure this value is greater than or equal to 0.01."),
        ({"price": "9.999"}, "This currency has no such small coins."),
        ({"price": "NaN"}, "Enter a number."),
        ({"hold_s": 5}, "Ensure this value is greater than or equal to 30."),
        ({"duration_s": 5}, "Ensure this value is greater than or equal to 10."),
        ({"variant": 0}, "Select a valid choice. That choice is not one of the available choices."),
    ],
)
def test_a_wrong_term_is_told_at_its_field(studio: Client, store: Store, wrong: dict[str, Any], said: str) -> None:
    event = live.event(store)

    answer = studio.post(f"/studio/{event.pk}/drops/new/", terms(store, **wrong))

    assert errors(answer) == {next(iter(wrong)): [said]}
    assert not Drop.objects.exists()


def test_nobody_drops_another_stores_goods(studio: Client, store: Store) -> None:
    event = live.event(store)
    foreign = make.variant(stock=10)

    answer = studio.post(f"/studio/{event.pk}/drops/new/", terms(store, variant=foreign.pk))

    assert list(errors(answer)) == ["variant"]


def test_the_choice_says_how_many_are_free(studio: Client, store: Store) -> None:
    make.variant(make.product(store, "Bowl"), stock=7)
    make.variant(make.product(store, "Song"), is_digital=True)

    said = studio.get(f"/studio/{live.event(store).pk}/drops/new/").content.decode()

    assert "Bowl · €20.00 · 7 free" in said
    assert "Song" not in said


def test_the_numbers_of_a_show_tick(
    studio: Client, store: Store, vera: Shopper, django_assert_max_num_queries: Any
) -> None:
    event = live.event(store)
    drop = live.planned_drop(event, pieces=5)
    open_drop(drop=drop)
    before = studio.get(f"/studio/{event.pk}/state/").json()
    claim(drop_id=drop.pk, shopper_id=vera.pk, key=uuid4(), quantity=1)

    with django_assert_max_num_queries(5):
        after = studio.get(f"/studio/{event.pk}/state/").json()

    assert before["shape"] == after["shape"]
    assert f'data-watched="&quot;{after["shape"]}&quot;"' in studio.get(f"/studio/{event.pk}/").content.decode()
    assert [said["figures"]["held"] for said in (before, after)] == [0, 1]
    assert after["drops"][str(drop.pk)]["free"] == 4
    assert after["figures"]["money"] == "€0.00"


def test_the_shows_page_costs_the_same_for_many(
    studio: Client, store: Store, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        live.drop(live.event(store))

    with django_assert_max_num_queries(5):
        assert studio.get("/studio/").content.decode().count("show-row") == 5
