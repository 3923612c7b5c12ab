"""The viewer's pages: what they say, to whom, and what they cost."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from liveevents.drops.models import Drop
from liveevents.drops.services import end_drop, schedule_drop
from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.accounts.models import Shopper
from shop.door.shopper import COOKIE, SIGNER
from shop.stock.models import Hold
from shop.stores.models import Store
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live

pytestmark = pytest.mark.django_db

STATE_QUERIES = 4


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon."""


def browser(of: Shopper) -> Client:
    client = Client()
    client.cookies[COOKIE] = SIGNER.sign(str(of.pk))
    return client


def address(event: LiveEvent) -> str:
    return f"/e/{event.store.handle}/{event.slug}/"


def page(event: LiveEvent, client: Client | None = None) -> str:
    return (client or Client()).get(address(event)).content.decode()


def state(event: LiveEvent, client: Client | None = None) -> Any:
    return (client or Client()).get(f"{address(event)}state/").json()


def claim(drop: Drop, client: Client, quantity: int = 1) -> Any:
    headers = {"X-Stagedoor": "1", "Idempotency-Key": str(uuid4())}
    body = json.dumps({"quantity": quantity})
    return client.post(f"/drops/{drop.pk}/claim/", body, "application/json", headers=headers).json()


def test_an_open_drop_shows_its_price_its_pieces_and_one_button() -> None:
    drop = live.drop(pieces=5, price_minor=1500, opens_at=NOON)

    said = page(drop.event)

    assert f'Claim for <span data-bind="drops.{drop.pk}.price">€15.00</span>' in said
    assert f'data-bind="drops.{drop.pk}.left">5</span> of 5 left' in said
    assert said.count('class="button claim') == 1
    assert 'data-remaining-ms="600000"' in said


def test_a_drop_to_come_counts_down_by_the_servers_clock() -> None:
    drop = live.planned_drop()
    schedule_drop(drop=drop, opens_at=NOON + timedelta(seconds=20))

    said = page(drop.event)

    assert 'data-remaining-ms="20000"' in said
    assert "Claim for" not in said
    assert state(drop.event)["drops"][str(drop.pk)]["ms_to_open"] == 20_000


def test_a_drop_without_an_hour_is_nobodys_business_yet() -> None:
    drop = live.planned_drop()

    assert "Mug of the night" not in page(drop.event)
    assert state(drop.event)["drops"] == {}


def test_a_held_piece_lies_in_the_tray_with_its_clock(vera: Shopper) -> None:
    drop, client = live.drop(pieces=5, hold_s=90, opens_at=NOON), browser(vera)
    claim(drop, client)
    set_clock(NOON + timedelta(seconds=30))

    said = page(drop.event, client)

    assert "Piece 1 of 5 · €18.00" in said
    assert 'data-remaining-ms="60000"' in said
    assert f'href="/s/{drop.event.store.handle}/checkout/"' in said
    assert "Claim for" not in said
    assert "Held for you" not in page(drop.event)


def test_a_hold_that_ran_out_is_gone_from_the_tray(vera: Shopper) -> None:
    drop, client = live.drop(hold_s=90, opens_at=NOON), browser(vera)
    claim(drop, client)
    before = state(drop.event, client)
    set_clock(NOON + timedelta(seconds=90))

    after = state(drop.event, client)

    assert (len(before["held"]), len(after["held"])) == (1, 0)
    assert before["shape"] != after["shape"]
    assert "Held for you" not in page(drop.event, client)


def test_a_sold_out_drop_offers_the_line(vera: Shopper, victor: Shopper) -> None:
    drop = live.drop(pieces=1, opens_at=NOON)
    claim(drop, browser(vera))

    said = page(drop.event, browser(victor))

    assert "Join the line" in said
    assert "Claim for" not in said


def test_the_numbers_tick_without_a_new_shape_until_somebodys_button_changes(vera: Shopper, victor: Shopper) -> None:
    drop = live.drop(pieces=2, opens_at=NOON)
    before = state(drop.event)
    claim(drop, browser(vera))
    after = state(drop.event)
    claim(drop, browser(victor))
    sold_out = state(drop.event)

    assert [seen["drops"][str(drop.pk)]["left"] for seen in (before, after, sold_out)] == [2, 1, 0]
    assert before["shape"] == after["shape"] != sold_out["shape"]


def test_the_page_knows_with_what_shape_it_was_made(vera: Shopper) -> None:
    drop, client = live.drop(opens_at=NOON), browser(vera)
    claim(drop, client)

    said = page(drop.event, client)

    assert f'data-watched="&quot;{state(drop.event, client)["shape"]}&quot;"' in said
    assert 'data-watched="&quot;live&quot;"' in said


def test_versions_grow_with_the_databases_clock() -> None:
    event = live.event()
    first = state(event)["version"]
    set_clock(NOON + timedelta(milliseconds=1))

    assert state(event)["version"] == first + 1000


def test_what_was_sold_stands_below_when_it_is_over() -> None:
    drop = live.drop(pieces=5, opens_at=NOON)
    end_drop(drop=drop)

    assert "0 of 5 sold at €18.00" in page(drop.event)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (EventState.SCHEDULED, "It begins any moment"),
        (EventState.LIVE, "No drop right now"),
        (EventState.ENDED, "This show has ended"),
        (EventState.CANCELLED, "This show was cancelled"),
    ],
)
def test_every_public_state_has_its_words(kind: EventState, said: str) -> None:
    assert said in page(live.event(state=kind))


def test_nobody_sees_a_draft_a_stranger_address_or_a_closed_store() -> None:
    draft, closed = live.event(state=EventState.DRAFT), live.event()
    Store.objects.filter(pk=closed.store_id).update(closed_at=NOON)

    for event in (draft, closed):
        for part in ("", "state/", "side/"):
            assert Client().get(f"{address(event)}{part}").status_code == 404
    assert Client().get("/e/nobody/nothing/").status_code == 404


def test_the_viewer_is_greeted_once_without_a_row() -> None:
    event, client = live.event(), Client()

    page(event, client)
    first = client.cookies[COOKIE].value
    page(event, client)

    assert client.cookies[COOKIE].value == first
    assert not Shopper.objects.exists()


@pytest.mark.parametrize(
    ("video_url", "said"),
    [
        (
            "https://www.twitch.tv/somebody",
            'data-embed="https://player.twitch.tv/?channel=somebody&amp;parent=testserver"',
        ),
        ("https://www.tiktok.com/@somebody/live", "Watch on TikTok"),
        ("https://cdn.example/live.m3u8", '<source src="https://cdn.example/live.m3u8"'),
        ("", "No picture yet."),
    ],
)
def test_the_video_waits_for_a_tap_plays_is_linked_or_missing(video_url: str, said: str) -> None:
    assert said in page(live.event(video_url=video_url))


def test_a_show_that_ended_without_a_recording_promises_no_picture() -> None:
    event = live.event(video_url="", state=EventState.ENDED)

    said = page(event)

    assert "There is no recording of it." in said
    assert "No picture yet." not in said


def test_a_title_cannot_break_out_of_the_page() -> None:
    event = live.event()
    LiveEvent.objects.filter(pk=event.pk).update(title='"><script>alert(1)</script>')

    assert "<script>alert" not in page(event)


def test_goods_on_the_shelf_go_into_the_cart_from_here() -> None:
    event = live.event()
    single = make.variant(make.product(event.store, "Candle"), stock=3)
    shirt = make.product(event.store, "Shirt")
    for size in "SM":
        make.variant(shirt, options=[size], stock=3)

    said = page(event)

    assert f'name="variant" value="{single.pk}"' in said
    assert said.count("/cart/add/") == 1
    assert f'href="/s/{event.store.handle}/p/{shirt.handle}/"' in said


def test_the_state_costs_four_queries_however_many_drops_and_holds(
    vera: Shopper, django_assert_num_queries: Any
) -> None:
    event, client = live.event(), browser(vera)
    for _ in range(3):
        claim(live.drop(event, opens_at=NOON), client)

    with django_assert_num_queries(STATE_QUERIES):
        assert len(state(event, client)["held"]) == 3


def test_the_page_costs_the_same_however_full_it_is(vera: Shopper, django_assert_max_num_queries: Any) -> None:
    event, client = live.event(), browser(vera)
    for _ in range(4):
        make.variant(make.product(event.store), stock=1)
        claim(live.drop(event, opens_at=NOON), client)

    with django_assert_max_num_queries(18):
        assert page(event, client).count("held-piece") == 4


def test_home_shows_what_is_live_what_comes_and_what_is_sold(django_assert_max_num_queries: Any) -> None:
    on_air, soon, draft = (live.event(state=kind) for kind in (EventState.LIVE, EventState.SCHEDULED, EventState.DRAFT))
    make.variant(make.product(on_air.store, "Harbour bowl"), stock=1)

    with django_assert_max_num_queries(12):
        said = Client().get("/").content.decode()

    assert "On stage now" in said
    assert address(on_air) in said
    assert address(soon) in said
    assert address(draft) not in said
    assert "Harbour bowl" in said
    assert on_air.store.name in said


def test_home_stands_empty() -> None:
    assert "Nobody has opened yet" in Client().get("/").content.decode()


def test_a_stores_own_pages_hear_of_its_show() -> None:
    event = live.event(state=EventState.SCHEDULED)
    live.event()

    assert address(event) in Client().get(f"/e/{event.store.handle}/next/").content.decode()
    assert Client().get(f"/e/{make.store().handle}/next/").content.strip() == b""


def test_the_way_of_a_hold_through_the_fragment(vera: Shopper) -> None:
    drop, client = live.drop(opens_at=NOON), browser(vera)
    claim(drop, client)

    fragment = client.get(f"{address(drop.event)}side/").content.decode()

    assert "Held for you" in fragment
    assert "<html" not in fragment
    assert Hold.objects.count() == 1
