"""The pages that are kept for a moment: the same for everybody, and yet each visitor's own."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from config import settings as house
from liveevents.drops.models import Drop
from liveevents.drops.services import schedule_drop
from liveevents.events.models import LiveEvent
from liveevents.web.kept import MOST_KEPT, PAGES, TOKEN, Kept, Mould
from shop.accounts.models import Shopper, User
from shop.catalog.queries import shelf
from shop.core import clock
from shop.door.address import network_of_environ
from shop.door.shopper import COOKIE, NEW_GUESTS, SIGNER
from shop.stock.models import StockLevel
from shop.web.shelf import cards_of, goods_of
from tests import make
from tests.make import live

pytestmark = pytest.mark.django_db

FRESH_QUERIES = 4


@pytest.fixture(autouse=True)
def _kept(settings: Any) -> Iterator[None]:
    """Long enough for a slow machine, and nothing left from the test before."""
    settings.PAGES_KEPT_S = 30
    PAGES.forget()
    yield
    PAGES.forget()


@pytest.fixture
def event() -> LiveEvent:
    """A show with a running drop and goods on its shelf."""
    show = live.event()
    for _ in range(3):
        make.variant(make.product(show.store), stock=5)
    live.drop(show, pieces=5)
    return show


def address(event: LiveEvent, part: str = "") -> str:
    return f"/e/{event.store.handle}/{event.slug}/{part}"


def page(event: LiveEvent, client: Client | None = None, part: str = "", **request: Any) -> str:
    answer = (client or Client()).get(address(event, part), **request)
    assert answer.status_code == 200
    return answer.content.decode()


def browser(of: Shopper) -> Client:
    client = Client()
    client.cookies[COOKIE] = SIGNER.sign(str(of.pk))
    return client


def tokens(said: str) -> list[str]:
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', said)


def keys(said: str) -> list[str]:
    return re.findall(r'name="key" value="([^"]*)"', said)


def clocks(said: str) -> list[int]:
    return [int(ms) for ms in re.findall(r'data-remaining-ms="([0-9]+)"', said)]


@pytest.mark.parametrize(("part", "most"), [("", FRESH_QUERIES), ("side/", 3), ("state/", 2)])
def test_the_first_guest_costs_few_queries_and_the_next_none(
    part: str, most: int, event: LiveEvent, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_max_num_queries(most):
        page(event, part=part)
    with django_assert_num_queries(0):
        page(event, part=part)


def test_a_guest_who_was_greeted_costs_one_query_until_they_wrote_something(
    event: LiveEvent, django_assert_num_queries: Any
) -> None:
    client = Client()
    page(event, client)

    with django_assert_num_queries(1):
        page(event, client)


def test_two_guests_share_no_token_no_key_and_no_cookie(event: LiveEvent) -> None:
    one, other = Client(), Client()

    first, second = page(event, one), page(event, other)

    assert tokens(first)
    assert keys(first)
    assert not set(tokens(first)) & set(tokens(second))
    assert not set(keys(first)) & set(keys(second))
    for name in (COOKIE, "csrftoken"):
        assert one.cookies[name].value != other.cookies[name].value
    assert TOKEN not in first + second


def test_the_forms_of_a_kept_page_work_without_a_script(event: LiveEvent) -> None:
    page(event)
    client = Client(enforce_csrf_checks=True)
    said = page(event, client)
    drop = Drop.objects.get()
    form = {"csrfmiddlewaretoken": tokens(said)[0], "key": keys(said)[0], "quantity": "1"}

    answer = client.post(f"/drops/{drop.pk}/claim/", form, follow=True)

    assert "Held for you" in answer.content.decode()
    strangers = Client(enforce_csrf_checks=True)
    page(event, strangers)
    assert strangers.post(f"/drops/{drop.pk}/claim/", form).status_code == 403


def test_who_holds_something_sees_it_at_once_and_nobody_else_does(event: LiveEvent, vera: Shopper) -> None:
    page(event)
    client, drop = browser(vera), Drop.objects.get()
    headers = {"X-Stagedoor": "1", "Idempotency-Key": str(uuid4())}
    body = json.dumps({"quantity": 1})

    assert client.post(f"/drops/{drop.pk}/claim/", body, "application/json", headers=headers).status_code == 200

    assert "Held for you" in page(event, client)
    assert "Held for you" in page(event, client, "side/")
    assert len(json.loads(page(event, client, "state/"))["held"]) == 1
    assert "Held for you" not in page(event)


def test_a_guests_first_claim_is_on_their_next_page(event: LiveEvent) -> None:
    client, drop = Client(), Drop.objects.get()
    page(event, client)
    headers = {"X-Stagedoor": "1", "Idempotency-Key": str(uuid4())}

    client.post(f"/drops/{drop.pk}/claim/", '{"quantity": 1}', "application/json", headers=headers)

    assert "Held for you" in page(event, client)


def test_somebody_who_signed_in_gets_their_own_page_and_leaves_nothing_of_it(event: LiveEvent, cora: User) -> None:
    client = Client()
    client.force_login(cora)

    hers = page(event, client)
    strangers = page(event)

    assert "/account/login/" in strangers
    assert "/account/login/" not in hers
    assert "/account/login/" in page(event)
    assert "/account/login/" not in page(event, client)
    assert Shopper.objects.get(user=cora)


def test_a_message_is_shown_to_whom_it_is_for(event: LiveEvent) -> None:
    client, drop = Client(), Drop.objects.get()
    page(event, client)
    client.post(f"/drops/{drop.pk}/line/", {"quantity": "1"})

    said = page(event, client)

    assert "There are pieces left" in said
    assert "There are pieces left" not in page(event) + page(event, client)


def test_no_cache_between_may_keep_what_is_one_visitors(event: LiveEvent) -> None:
    for part, kept_by in (("", "private, no-cache"), ("side/", "private, no-cache"), ("state/", "private, no-store")):
        for _ in range(2):
            answer = Client().get(address(event, part))
            assert answer.headers["Cache-Control"] == kept_by
            assert "Cookie" in answer.headers["Vary"]


def test_clocks_of_a_kept_page_run_on(event: LiveEvent) -> None:
    began = time.monotonic()
    before, state_before = clocks(page(event)), json.loads(page(event, part="state/"))
    time.sleep(0.2)
    after, state_after = clocks(page(event)), json.loads(page(event, part="state/"))
    took_ms = (time.monotonic() - began) * 1000

    assert before
    assert all(199 <= was - now <= took_ms for was, now in zip(before, after, strict=True))
    ((number, drop),) = state_before["drops"].items()
    assert 199 <= drop["ms_left"] - state_after["drops"][number]["ms_left"] <= took_ms


def test_what_changed_is_seen_within_a_second(event: LiveEvent, vera: Shopper, settings: Any) -> None:
    settings.PAGES_KEPT_S = house.PAGES_KEPT_S
    page(event)
    drop = Drop.objects.get()
    headers = {"X-Stagedoor": "1", "Idempotency-Key": str(uuid4())}
    browser(vera).post(f"/drops/{drop.pk}/claim/", '{"quantity": 1}', "application/json", headers=headers)

    time.sleep(house.PAGES_KEPT_S)

    assert house.PAGES_KEPT_S < 1
    assert ">4</span> of 5 left" in page(event)


def test_no_page_is_kept_past_the_opening_of_a_drop() -> None:
    drop = live.planned_drop()
    schedule_drop(drop=drop, opens_at=clock.database_now() + timedelta(milliseconds=400))
    assert "Claim for" not in page(drop.event)

    time.sleep(0.4)

    assert "Claim for" in page(drop.event)
    assert json.loads(page(drop.event, part="state/"))["drops"][str(drop.pk)]["state"] == "open"


def test_an_onlooker_in_a_crowd_sees_the_page_and_gets_no_cookie(event: LiveEvent) -> None:
    crowded = "198.51.100.250"
    network = network_of_environ({"REMOTE_ADDR": crowded})
    NEW_GUESTS.take(network)
    NEW_GUESTS.learn(network, NEW_GUESTS.room_s + 60)
    client = Client()

    assert "Claim for" in page(event, client, REMOTE_ADDR=crowded)
    assert COOKIE not in client.cookies


def test_a_title_cannot_pass_for_what_is_each_visitors_own(event: LiveEvent) -> None:
    LiveEvent.objects.update(title='name="key" value="00000000-0000-4000-8000-000000000000" data-remaining-ms="5"')

    assert "value=&quot;00000000-0000-4000-8000-000000000000&quot; data-remaining-ms=&quot;5&quot;" in page(event)


def test_a_draft_is_kept_for_nobody(event: LiveEvent) -> None:
    for part in ("", "side/", "state/"):
        assert Client().get(f"/e/{event.store.handle}/nothing/{part}").status_code == 404


def test_the_shelf_in_one_query_says_what_the_shop_says(event: LiveEvent, django_assert_num_queries: Any) -> None:
    shirt = make.product(event.store, "Shirt")
    for size, stock in (("S", 1), ("M", 0)):
        make.variant(shirt, options=[size], stock=stock)
    make.offer(make.variant(make.product(event.store, "Cheap"), stock=3), price_minor=100)
    make.variant(make.product(event.store, "Never received"))
    StockLevel.objects.filter(variant__product__title="Never received").delete()

    with django_assert_num_queries(1):
        goods = goods_of(event.store, most=24)

    assert [one.card for one in goods] == cards_of(list(shelf(event.store)), eager=0)
    assert [one.only_choice is None for one in goods] == [one.product == shirt for one in goods]


def mould(lasts_s: float = 1, said: str = "") -> Mould:
    return Mould.cut(said, made_at=time.monotonic(), lasts_s=lasts_s)


def ask(kept: Kept, make: Callable[[], Mould]) -> Mould:
    return kept.mould("page", came_at=time.monotonic(), make=make)


def test_of_many_who_come_at_once_one_makes_the_page() -> None:
    kept, made, begin = Kept(), [], threading.Barrier(8)
    got: list[Mould] = []

    def slowly() -> Mould:
        made.append(mould(lasts_s=0.01))
        time.sleep(0.1)
        return made[-1]

    def come() -> None:
        begin.wait()
        got.append(ask(kept, slowly))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 8
    assert len(made) <= 2


def test_while_one_renews_the_page_the_others_get_the_last_one() -> None:
    kept, may_end = Kept(), threading.Event()
    first = ask(kept, lambda: mould(lasts_s=1.5))
    time.sleep(1.2)

    def slowly() -> Mould:
        made = mould()
        may_end.wait()
        return made

    renewing = threading.Thread(target=ask, args=(kept, slowly))
    renewing.start()
    time.sleep(0.05)

    assert ask(kept, pytest.fail) is first
    may_end.set()
    renewing.join()
    assert ask(kept, pytest.fail) is not first


def test_who_waited_for_a_page_that_took_long_does_not_make_it_again() -> None:
    kept, made = Kept(), 0
    begin, got = threading.Barrier(6), list[Mould]()

    def slowly() -> Mould:
        nonlocal made
        made += 1
        started = time.monotonic()
        time.sleep(0.8)
        return Mould.cut("", made_at=started, lasts_s=1)

    def come() -> None:
        begin.wait()
        time.sleep(0.1 if threading.current_thread().name == "late" else 0)
        got.append(ask(kept, slowly))

    threads = [threading.Thread(target=come, name="late" if number else "first") for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == 1
    assert len(got) == 6


def test_who_fails_to_make_a_page_is_in_nobodys_way() -> None:
    kept = Kept()

    def fail() -> Mould:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(kept, fail)
    assert ask(kept, mould)


def test_only_so_many_pages_are_kept() -> None:
    kept = Kept()
    for name in range(MOST_KEPT + 10):
        kept.mould(name, came_at=time.monotonic(), make=mould)

    assert len(kept._moulds) == MOST_KEPT
