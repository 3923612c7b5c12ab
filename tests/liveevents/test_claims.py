"""Claims over HTTP and below it: granted once for each key, refused with a code and a sentence."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from liveevents.claims import services
from liveevents.drops.models import Drop
from liveevents.drops.services import end_drop
from liveevents.events.states import EventState
from shop.accounts.models import Shopper
from shop.core.money import Money
from shop.door.shopper import COOKIE, SIGNER
from shop.stock.models import Hold, Piece, Waiter
from shop.stock.services import fence, sell
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon."""


def browser(of: Shopper | None = None) -> Client:
    client = Client()
    if of:
        client.cookies[COOKIE] = SIGNER.sign(str(of.pk))
    return client


def post(client: Client, drop: Drop | int, body: Any = None, key: object = None, **headers: str) -> Any:
    number = drop if isinstance(drop, int) else drop.pk
    headers = {"X-Stagedoor": "1", "Idempotency-Key": str(key or uuid4()), **headers}
    sent = body if isinstance(body, str) else json.dumps({"quantity": 1} if body is None else body)
    return client.post(f"/drops/{number}/claim/", sent, "application/json", headers=headers)


def nothing_moved() -> bool:
    return not Hold.objects.exists() and not Piece.objects.exclude(state=PieceState.FREE).exists()


def test_a_claim_says_which_pieces_at_which_price_for_how_long(vera: Shopper) -> None:
    drop = live.drop(pieces=5, per_person=2, price_minor=1500, hold_s=90, opens_at=NOON)

    claimed = services.claim(drop_id=drop.pk, shopper_id=vera.pk, key=uuid4(), quantity=2)

    assert (claimed.numbers, claimed.held_ms) == ((1, 2), 90_000)
    assert claimed.prices == (Money(1500, "EUR"), Money(1500, "EUR"))
    assert claimed.total == Money(3000, "EUR")


def test_a_claim_asks_where_the_pieces_are_and_then_once_for_them(
    vera: Shopper, django_assert_num_queries: Any
) -> None:
    drop, client = live.drop(opens_at=NOON), browser(vera)

    with django_assert_num_queries(2):
        assert post(client, drop).status_code == 200


def test_the_same_key_hears_the_same_answer(vera: Shopper) -> None:
    drop, client, key = live.drop(opens_at=NOON), browser(vera), uuid4()

    first, again = post(client, drop, key=key), post(client, drop, key=key)

    assert first.json() == again.json()
    assert first.json()["numbers"] == [1]
    assert first.json()["message"] == "Piece 1 is held for you."
    assert Hold.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(vera: Shopper) -> None:
    drop, client, key = live.drop(per_person=3, opens_at=NOON), browser(vera), uuid4()
    post(client, drop, key=key)

    answer = post(client, drop, {"quantity": 2}, key=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert Hold.objects.get().numbers == [1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"quantity": -1}, "bad_quantity"),
        ({"quantity": 0}, "bad_quantity"),
        ({"quantity": 10**9}, "bad_quantity"),
        ({"quantity": 10**40}, "bad_quantity"),
        ({"quantity": "2"}, "bad_quantity"),
        ({"quantity": "many"}, "bad_quantity"),
        ({"quantity": 1.5}, "bad_quantity"),
        ({"quantity": True}, "bad_quantity"),
        ({"quantity": None}, "bad_quantity"),
        ({}, "bad_quantity"),
        ([], "bad_body"),
        ("1", "bad_body"),
        ("{", "bad_body"),
        ("[" * 100_000, "bad_body"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused_and_nothing_moves(vera: Shopper, body: Any, code: str) -> None:
    answer = post(browser(vera), live.drop(opens_at=NOON), body)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["message"]
    assert nothing_moved()


@pytest.mark.parametrize("key", ["", "7", "not-a-uuid"])
def test_a_claim_without_a_key_is_refused(vera: Shopper, key: str) -> None:
    answer = post(browser(vera), live.drop(opens_at=NOON), **{"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "no_key", "key")
    assert nothing_moved()


@pytest.mark.parametrize(
    "headers", [{"X-Stagedoor": ""}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_another_sites_page_cannot_claim(vera: Shopper, headers: dict[str, str]) -> None:
    answer = post(browser(vera), live.drop(opens_at=NOON), **headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_from_here")
    assert nothing_moved()


def test_a_form_without_its_token_cannot_claim(vera: Shopper) -> None:
    drop, client = live.drop(opens_at=NOON), Client(enforce_csrf_checks=True)
    client.cookies[COOKIE] = SIGNER.sign(str(vera.pk))

    answer = client.post(f"/drops/{drop.pk}/claim/", {"quantity": 1, "key": uuid4()})

    assert answer.status_code == 403
    assert nothing_moved()


@pytest.mark.parametrize(
    ("instant", "code"),
    [(NOON - timedelta(seconds=5), "not_yet"), (NOON + timedelta(minutes=10), "over")],
)
def test_a_claim_outside_the_window_is_refused(vera: Shopper, instant: Any, code: str) -> None:
    drop = live.drop(opens_at=NOON)
    set_clock(instant)

    answer = post(browser(vera), drop)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json().get("ms_left") == (5000 if code == "not_yet" else None)
    assert nothing_moved()


def test_nobody_has_more_than_their_share(vera: Shopper) -> None:
    drop, client = live.drop(per_person=1, opens_at=NOON), browser(vera)
    post(client, drop)

    answer = post(client, drop)

    assert (answer.status_code, answer.json()["code"]) == (409, "limit")
    assert Hold.objects.count() == 1


def test_an_account_claims_as_one_person_from_a_new_browser() -> None:
    user = make.user()
    drop = live.drop(per_person=1, opens_at=NOON)
    phone, laptop = browser(make.shopper(user)), browser(make.shopper(user))
    post(phone, drop)

    answer = post(laptop, drop)

    assert answer.json()["code"] == "limit"
    assert Hold.objects.get().shopper.user == user


def test_what_is_taken_is_taken(vera: Shopper, victor: Shopper) -> None:
    drop = live.drop(pieces=1, opens_at=NOON)
    post(browser(vera), drop)

    answer = post(browser(victor), drop)

    assert (answer.status_code, answer.json()["code"]) == (409, "sold_out")
    assert Hold.objects.get().shopper == vera


@pytest.mark.parametrize("number", [10**6, 10**18, 10**30])
def test_a_drop_that_does_not_exist_is_not_found(number: int) -> None:
    answer = post(browser(make.shopper()), number)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_sale")
    assert browser().post(f"/drops/{number}/claim/", {"quantity": 1, "key": uuid4()}).status_code == 404


def test_the_drop_of_a_draft_is_not_found(vera: Shopper) -> None:
    drop = live.drop(live.event(state=EventState.DRAFT), opens_at=NOON)

    assert post(browser(vera), drop).status_code == 404
    assert nothing_moved()


def test_the_drop_of_a_closed_store_is_not_found(vera: Shopper) -> None:
    drop = live.drop(opens_at=NOON)
    Store.objects.filter(pk=drop.event.store_id).update(closed_at=NOON)

    assert post(browser(vera), drop).status_code == 404
    assert nothing_moved()


@pytest.mark.parametrize("cookie", ["", "{shopper}", "{shopper}:forged", "forged", "é" * 5000])
def test_a_browser_without_a_cookie_of_ours_is_sent_to_the_page_first(
    vera: Shopper, cookie: str, django_assert_num_queries: Any
) -> None:
    drop, client = live.drop(opens_at=NOON), browser()
    client.cookies[COOKIE] = cookie.format(shopper=vera.pk)

    with django_assert_num_queries(0):
        answer = post(client, drop)

    assert (answer.status_code, answer.json()["code"]) == (403, "no_shopper")
    assert nothing_moved()


def test_a_stranger_claims_by_the_form_and_keeps_the_piece() -> None:
    drop, client = live.drop(opens_at=NOON), browser()

    client.post(f"/drops/{drop.pk}/claim/", {"quantity": 1, "key": uuid4()})

    assert str(Hold.objects.get().shopper_id) == SIGNER.unsign(client.cookies[COOKIE].value)


def test_the_form_claims_and_leads_back_to_the_show(vera: Shopper) -> None:
    drop, client = live.drop(opens_at=NOON), browser(vera)
    sent = {"quantity": "1", "key": str(uuid4())}

    answers = [client.post(f"/drops/{drop.pk}/claim/", sent) for _ in range(2)]

    page = f"/e/{drop.event.store.handle}/{drop.event.slug}/"
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(303, page)] * 2
    assert Hold.objects.count() == 1
    assert "Piece 1 is held for you." in client.get(page).content.decode()


def test_the_form_says_on_the_show_why_not(vera: Shopper, victor: Shopper) -> None:
    drop, client = live.drop(pieces=1, opens_at=NOON), browser(victor)
    post(browser(vera), drop)

    answer = client.post(f"/drops/{drop.pk}/claim/", {"quantity": "1", "key": str(uuid4())}, follow=True)

    assert "Every piece is taken right now." in answer.content.decode()


@pytest.mark.parametrize("wrong", [{"quantity": "-1"}, {"quantity": "1000000000"}, {"quantity": "x"}, {"key": ""}, {}])
def test_a_form_that_makes_no_sense_is_refused_on_a_page(vera: Shopper, wrong: dict[str, str]) -> None:
    drop = live.drop(opens_at=NOON)
    sent = {"quantity": "1", "key": str(uuid4()), **wrong} if wrong else {}

    answer = browser(vera).post(f"/drops/{drop.pk}/claim/", sent)

    assert answer.status_code == 400
    assert nothing_moved()


def test_a_held_piece_is_let_go(vera: Shopper) -> None:
    drop, client = live.drop(pieces=1, opens_at=NOON), browser(vera)
    post(client, drop)
    hold = Hold.objects.get()

    answer = client.post(f"/holds/{hold.pk}/let-go/?next=/e/store/show/")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/e/store/show/")
    assert Piece.objects.get().state == PieceState.FREE


def test_letting_go_leads_to_no_other_site(vera: Shopper) -> None:
    client = browser(vera)
    post(client, live.drop(opens_at=NOON))

    answer = client.post(f"/holds/{Hold.objects.get().pk}/let-go/?next=https://evil.example/")

    assert answer.headers["Location"] == "/"


def test_nobody_lets_go_of_what_another_holds(vera: Shopper, victor: Shopper) -> None:
    post(browser(vera), live.drop(opens_at=NOON))
    hold = Hold.objects.get()

    assert browser(victor).post(f"/holds/{hold.pk}/let-go/").status_code == 404
    assert browser().post(f"/holds/{hold.pk}/let-go/").status_code == 404
    assert browser(victor).get(f"/holds/{hold.pk}/let-go/").status_code == 405
    hold.refresh_from_db()
    assert hold.ended_at is None


def test_the_line_is_joined_served_and_left(vera: Shopper, victor: Shopper) -> None:
    drop = live.drop(pieces=1, opens_at=NOON)
    holder, waiting = browser(vera), browser(victor)
    post(holder, drop)
    page = f"/e/{drop.event.store.handle}/{drop.event.slug}/"

    said = waiting.post(f"/drops/{drop.pk}/line/", {"quantity": "1"}, follow=True).content.decode()
    assert "You joined the line as number 1." in said
    assert "Leave the line" in said

    waiting.post(f"/drops/{drop.pk}/line/", {"leave": "1"})
    assert not Waiter.objects.filter(left_at=None).exists()

    waiting.post(f"/drops/{drop.pk}/line/", {"quantity": "1"})
    holder.post(f"/holds/{Hold.objects.get().pk}/let-go/")
    assert "Held for you" in waiting.get(page).content.decode()


def test_who_waited_in_vain_is_told_why(vera: Shopper, victor: Shopper) -> None:
    drop = live.drop(pieces=1, opens_at=NOON)
    post(browser(vera), drop)
    browser(victor).post(f"/drops/{drop.pk}/line/", {"quantity": "1"})
    end_drop(drop=drop)
    page = f"/e/{drop.event.store.handle}/{drop.event.slug}/"

    assert "You were in line" in browser(victor).get(page).content.decode()
    assert "You were in line" not in browser(vera).get(page).content.decode()


def test_there_is_no_line_while_pieces_are_left(vera: Shopper) -> None:
    drop = live.drop(opens_at=NOON)

    said = browser(vera).post(f"/drops/{drop.pk}/line/", {"quantity": "1"}, follow=True).content.decode()

    assert "There are pieces left: claim one now." in said
    assert not Waiter.objects.exists()


def claim_by_program(client: Client, drop: Drop, key: object, **body: Any) -> Any:
    headers = {"Idempotency-Key": str(key)}
    return client.post(f"/api/v1/drops/{drop.pk}/claims/", json.dumps(body), "application/json", headers=headers)


def test_a_program_that_asks_again_hears_the_same_though_time_ran_out_or_it_was_paid_meanwhile(vera: Shopper) -> None:
    drop, client, key = live.drop(hold_s=60, opens_at=NOON), browser(vera), uuid4()
    first = claim_by_program(client, drop, key).json()

    set_clock(NOON + timedelta(seconds=61))
    in_grace = claim_by_program(client, drop, key)
    with transaction.atomic():
        fence(hold_ids=[first["id"]], for_s=300)
        sell(hold_ids=[first["id"]])
    sold = claim_by_program(client, drop, key)

    assert (in_grace.status_code, sold.status_code) == (201, 201)
    assert in_grace.json() == first | {"ms_left": 0}
    assert sold.json()["pieces"] == first["pieces"]
