"""Who may claim: everybody, people with an account, followers, who knows the word; over HTTP, by form and by API."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from liveevents.drops.models import Drop
from liveevents.drops.services import schedule_drop
from shop.accounts.models import Shopper, User
from shop.door.shopper import COOKIE, SIGNER
from shop.stock.models import Audience, Hold, Waiter
from shop.stores.services import follow_store, unfollow_store
from tests import make
from tests.conftest import NOON
from tests.make import live
from tests.shop.web.pages import count_queries, words

pytestmark = pytest.mark.django_db

WORD = "Blue Moon!"


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon."""


@pytest.fixture
def cleo() -> User:
    return make.user("cleo@stagedoor.example")


def browser(of: Shopper) -> Client:
    client = Client()
    client.cookies[COOKIE] = SIGNER.sign(str(of.pk))
    if of.user:
        client.force_login(of.user)
    return client


def drop_for(audience: Audience, **terms: Any) -> Drop:
    word = WORD if audience == Audience.CODE_WORD else ""
    return live.drop(opens_at=NOON, audience=audience, code_word=word, **terms)


def address(drop: Drop) -> str:
    return f"/e/{drop.event.store.handle}/{drop.event.slug}/"


def claim(client: Client, drop: Drop, **body: Any) -> Any:
    headers = {"X-Stagedoor": "1", "Idempotency-Key": str(uuid4())}
    sent = json.dumps({"quantity": 1, **body})
    return client.post(f"/drops/{drop.pk}/claim/", sent, "application/json", headers=headers)


def heard(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "held")


def sell_out(drop: Drop, word: str = "") -> None:
    """The only piece goes to somebody else who may have it."""
    buyer = make.user()
    follow_store(store=drop.event.store, user=buyer)
    assert heard(claim(browser(make.shopper(buyer)), drop, word=word)) == (200, "held")


@pytest.mark.parametrize(
    ("audience", "code", "said"),
    [
        (Audience.SIGNED_IN, "sign_in", "people who signed in"),
        (Audience.FOLLOWERS, "sign_in", "people who signed in"),
        (Audience.CODE_WORD, "code_word", "needs the code word"),
    ],
)
def test_a_guest_is_told_what_is_missing_and_nothing_moves(
    vera: Shopper, audience: Audience, code: str, said: str
) -> None:
    answer = claim(browser(vera), drop_for(audience))

    assert heard(answer) == (403, code)
    assert said in answer.json()["message"]
    assert not Hold.objects.exists()


def test_an_account_is_enough_for_people_with_an_account(cleo: User) -> None:
    assert heard(claim(browser(make.shopper(cleo)), drop_for(Audience.SIGNED_IN))) == (200, "held")


def test_who_signed_out_is_a_guest_again(cleo: User) -> None:
    drop, client = drop_for(Audience.SIGNED_IN), browser(make.shopper(cleo))

    client.post("/account/logout/")
    client.get(address(drop))

    assert heard(claim(client, drop)) == (403, "sign_in")


def test_an_account_that_follows_another_store_is_no_follower(cleo: User) -> None:
    follow_store(store=make.store(), user=cleo)

    answer = claim(browser(make.shopper(cleo)), drop_for(Audience.FOLLOWERS))

    assert heard(answer) == (403, "follow")
    assert "follow the store" in answer.json()["message"]
    assert not Hold.objects.exists()


def test_a_follower_claims_until_they_stop_following(cleo: User) -> None:
    drop, client = drop_for(Audience.FOLLOWERS, per_person=2), browser(make.shopper(cleo))
    follow_store(store=drop.event.store, user=cleo)

    assert heard(claim(client, drop)) == (200, "held")
    unfollow_store(store=drop.event.store, user=cleo)

    assert heard(claim(client, drop)) == (403, "follow")
    assert Hold.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["Blue Moon!", "bluemoon", "BLUE MOON", " blue-moon ", "b l u e\tm.o.o.n", "ＢＬＵＥ ＭＯＯＮ"]
)
def test_the_word_counts_however_it_is_typed(vera: Shopper, typed: str) -> None:
    assert heard(claim(browser(vera), drop_for(Audience.CODE_WORD), word=typed)) == (200, "held")


@pytest.mark.parametrize("typed", ["Café Noir", "CAFE\u0301 NOIR", "cafe-noir"])
def test_an_accent_may_be_left_out(vera: Shopper, typed: str) -> None:
    drop = live.drop(opens_at=NOON, audience=Audience.CODE_WORD, code_word="Caf\u00e9 noir")

    assert heard(claim(browser(vera), drop, word=typed)) == (200, "held")


@pytest.mark.parametrize("typed", ["", "moon", "bluemoons", "blue m00n", "' or 1=1 --", "%", "\u0000"])
def test_another_word_is_refused_and_nothing_moves(vera: Shopper, typed: str) -> None:
    assert heard(claim(browser(vera), drop_for(Audience.CODE_WORD), word=typed)) == (403, "code_word")
    assert not Hold.objects.exists()


@pytest.mark.parametrize("typed", [17, ["bluemoon"], {"word": "bluemoon"}, True, "x" * 10_000])
def test_a_word_that_is_none_makes_no_sense(vera: Shopper, typed: object) -> None:
    assert claim(browser(vera), drop_for(Audience.CODE_WORD), word=typed).status_code == 400
    assert not Hold.objects.exists()


def test_a_word_that_nobody_asked_for_does_no_harm(vera: Shopper) -> None:
    assert heard(claim(browser(vera), drop_for(Audience.EVERYONE), word="anything")) == (200, "held")


def test_an_account_does_not_replace_the_word(cleo: User) -> None:
    drop = drop_for(Audience.CODE_WORD)
    follow_store(store=drop.event.store, user=cleo)

    assert heard(claim(browser(make.shopper(cleo)), drop)) == (403, "code_word")


@pytest.mark.parametrize("word", ["", "moon", "Blue moon"])
def test_the_form_takes_the_word_and_says_on_the_show_when_it_is_wrong(vera: Shopper, word: str) -> None:
    drop, client = drop_for(Audience.CODE_WORD), browser(vera)
    sent = {"quantity": "1", "key": str(uuid4()), "word": word}

    answer = client.post(f"/drops/{drop.pk}/claim/", sent, follow=True)

    is_right = word == "Blue moon"
    assert Hold.objects.exists() == is_right
    assert ("is held for you" if is_right else "needs the code word") in words(answer)


def test_the_line_is_for_the_same_people(vera: Shopper, cleo: User) -> None:
    followers, worded = (drop_for(audience, pieces=1) for audience in (Audience.FOLLOWERS, Audience.CODE_WORD))
    sell_out(followers)
    sell_out(worded, WORD)

    browser(vera).post(f"/drops/{followers.pk}/line/", {"quantity": "1"})
    browser(vera).post(f"/drops/{worded.pk}/line/", {"quantity": "1", "word": "moon"})
    assert not Waiter.objects.exists()

    follow_store(store=followers.event.store, user=cleo)
    browser(make.shopper(cleo)).post(f"/drops/{followers.pk}/line/", {"quantity": "1"})
    browser(vera).post(f"/drops/{worded.pk}/line/", {"quantity": "1", "word": "blue moon"})
    assert Waiter.objects.count() == 2


@pytest.mark.parametrize(
    ("audience", "said", "button"),
    [
        (Audience.SIGNED_IN, "For people with an account.", "Sign in to claim"),
        (Audience.FOLLOWERS, "For followers of", "Follow to claim"),
    ],
)
def test_a_guest_sees_who_may_and_the_one_thing_to_do(
    vera: Shopper, audience: Audience, said: str, button: str
) -> None:
    drop = drop_for(audience)

    page = browser(vera).get(address(drop))

    assert said in words(page)
    assert button in words(page)
    assert "Claim for" not in words(page)
    assert f"/drops/{drop.pk}/claim/" not in page.content.decode()


def test_the_way_to_sign_in_leads_back_to_the_show(vera: Shopper) -> None:
    drop = drop_for(Audience.SIGNED_IN)

    assert f'href="/account/login/?next={address(drop)}"' in browser(vera).get(address(drop)).content.decode()


def test_following_in_the_card_opens_the_claim(cleo: User) -> None:
    drop, client = drop_for(Audience.FOLLOWERS), browser(make.shopper(cleo))
    before = client.get(f"{address(drop)}state/").json()

    form = {"follow": "yes", "next": address(drop)}
    page = client.post(f"/s/{drop.event.store.handle}/follow/", form, follow=True)

    assert "Claim for" in words(page)
    assert "You are one." in words(page)
    assert client.get(f"{address(drop)}state/").json()["shape"] != before["shape"]


@pytest.mark.parametrize(
    ("audience", "button"), [(Audience.SIGNED_IN, "Sign in now"), (Audience.FOLLOWERS, "Follow now")]
)
def test_before_it_opens_there_is_time_to_do_it(vera: Shopper, cleo: User, audience: Audience, button: str) -> None:
    drop = live.planned_drop(audience=audience)
    schedule_drop(drop=drop, opens_at=NOON + timedelta(minutes=1))
    follow_store(store=drop.event.store, user=cleo)

    assert button in words(browser(vera).get(address(drop)))
    assert button not in words(browser(make.shopper(cleo)).get(address(drop)))


def test_a_sold_out_drop_sends_a_guest_to_follow_for_the_line(vera: Shopper) -> None:
    drop = drop_for(Audience.FOLLOWERS, pieces=1)
    sell_out(drop)

    said = words(browser(vera).get(address(drop)))

    assert "Follow to join the line" in said
    assert "Join the line" not in said


def test_the_word_is_asked_for_where_it_is_needed_and_stands_nowhere(vera: Shopper) -> None:
    worded, plain = drop_for(Audience.CODE_WORD), drop_for(Audience.EVERYONE)
    client = browser(vera)
    said = client.get(address(worded)).content.decode()
    claim(client, worded, word=WORD)
    told = [client.get(f"{address(worded)}{part}").content.decode() for part in ("", "side/", "state/")]
    told += [client.get(url).content.decode() for url in (f"/api/v1/drops/{worded.pk}/", "/api/v1/holds/")]

    assert f'name="word" data-word="{worded.pk}"' in said
    assert 'name="word"' not in client.get(address(plain)).content.decode()
    for text in (said, *told):
        assert "bluemoon" not in text.lower()
        assert "blue moon" not in text.lower()


def test_the_state_tells_who_may(vera: Shopper) -> None:
    drop = drop_for(Audience.FOLLOWERS)

    assert browser(vera).get(f"{address(drop)}state/").json()["drops"][str(drop.pk)]["audience"] == "followers"


def test_who_may_costs_no_query_more(cleo: User) -> None:
    drop, client = drop_for(Audience.EVERYONE), browser(make.shopper(cleo))
    with count_queries() as before:
        client.get(f"{address(drop)}state/")
    for audience in (Audience.FOLLOWERS, Audience.SIGNED_IN):
        live.drop(drop.event, opens_at=NOON, audience=audience)
    with count_queries() as after:
        told = client.get(f"{address(drop)}state/").json()

    assert len(told["drops"]) == 3
    assert len(before) == len(after)


def ask(client: Client, drop: Drop, what: str = "claims", **body: Any) -> Any:
    headers = {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api/v1/drops/{drop.pk}/{what}/", json.dumps(body), "application/json", headers=headers)


def test_the_api_takes_the_word_for_claims_and_for_the_line(vera: Shopper, victor: Shopper) -> None:
    drop = drop_for(Audience.CODE_WORD, pieces=1)

    refused, held = ask(browser(vera), drop, word="moon"), ask(browser(vera), drop, word="blue moon")
    no_line, line = (ask(browser(victor), drop, "line", word=word) for word in ("moon", "blue moon"))

    assert heard(refused) == heard(no_line) == (403, "code_word")
    assert (held.status_code, line.status_code) == (201, 200)


def test_the_api_says_who_may_and_how_much_is_left_at_which_price(vera: Shopper) -> None:
    drop = drop_for(Audience.CODE_WORD, pieces=3, takes_fewer=True)

    told = browser(vera).get(f"/api/v1/drops/{drop.pk}/").json()

    assert (told["audience"], told["takes_fewer"]) == ("code_word", True)
    assert told["ladder"] == [{"price": {"amount_minor": 1800, "currency": "EUR"}, "left": 3, "pieces": 3}]


def test_nobody_tries_word_after_word_at_the_line(vera: Shopper) -> None:
    drop = drop_for(Audience.CODE_WORD, pieces=1)

    by_program = [ask(browser(vera), drop, "line", word=f"word {number}") for number in range(9)]
    by_form = browser(vera).post(f"/drops/{drop.pk}/line/", {"quantity": "1", "word": "blue moon"}, follow=True)

    assert [answer.status_code for answer in by_program] == [403] * 6 + [429] * 3
    assert "tried too often" in by_form.content.decode()
