"""Following a store: by its button, by the API, by way of signing in; twice is once."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client

from shop.accounts.models import User
from shop.stores.models import Follow, Store
from shop.stores.queries import followed_by, follows, with_followers
from shop.stores.services import close_store, follow_store, unfollow_store
from tests import make
from tests.conftest import NOON
from tests.shop.web.pages import count_queries, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make.store("saltware")


@pytest.fixture
def cleo() -> User:
    return make.user("cleo@stagedoor.example")


@pytest.fixture
def browser(cleo: User) -> Client:
    client = Client()
    client.force_login(cleo)
    return client


def press(client: Client, wants: str = "yes", to: str = "", **headers: str) -> Any:
    return client.post("/s/saltware/follow/", {"follow": wants, "next": to}, headers=headers)


def sign_in(client: Client, user: User, address: str) -> Any:
    """By the code in the mail, from the page that the redirect led to; the forms carry where to go on."""
    where = {"next": parse_qs(urlsplit(address).query)["next"][0]}
    client.post("/account/login/", {"email": user.email, **where})
    code = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    return client.post("/account/login/code/confirm/", {"code": code[1], **where})


def test_following_twice_is_following_once_and_so_is_stopping(store: Store, cleo: User) -> None:
    follow_store(store=store, user=cleo)
    follow_store(store=store, user=cleo)

    assert Follow.objects.count() == 1
    assert follows(cleo, store)

    unfollow_store(store=store, user=cleo)
    unfollow_store(store=store, user=cleo)

    assert not follows(cleo, store)


def test_one_persons_follow_is_nobody_elses_and_no_other_stores(store: Store, cleo: User) -> None:
    follow_store(store=store, user=cleo)

    assert not follows(make.user(), store)
    assert not follows(cleo, make.store())
    assert not follows(AnonymousUser(), store)


def test_a_creator_reads_how_many_follow(store: Store, cora: User) -> None:
    for _ in range(3):
        follow_store(store=store, user=make.user())
    make.store("empty")

    counted = with_followers(Store.objects.order_by("handle"))

    assert [(one.handle, one.followers) for one in counted] == [("empty", 0), ("saltware", 3)]  # type: ignore[attr-defined]


def test_the_list_has_the_latest_first_and_no_closed_store(store: Store, cleo: User) -> None:
    other, closed = make.store("other"), make.store("closed")
    for one in (store, other, closed):
        follow_store(store=one, user=cleo)
    close_store(store=closed, at=NOON)

    assert [one.store for one in followed_by(cleo)] == [other, store]


def test_the_button_on_a_stores_page_follows_and_says_so(store: Store, cleo: User, browser: Client) -> None:
    assert 'value="yes" aria-pressed="false"' in browser.get("/s/saltware/").content.decode()

    answer = press(browser, to="/s/saltware/")

    assert (answer.status_code, answer["Location"]) == (303, "/s/saltware/")
    assert follows(cleo, store)
    assert 'value="no" aria-pressed="true"' in browser.get("/s/saltware/").content.decode()

    press(browser, "no")

    assert not follows(cleo, store)


def test_a_script_gets_the_button_back_and_the_page_hears_of_it(store: Store, browser: Client) -> None:
    answer = press(browser, to="/e/saltware/show/", hx_request="true")

    said = answer.content.decode()
    assert answer.status_code == 200
    assert "followed" in answer["HX-Trigger"]
    assert 'aria-pressed="true"' in said
    assert 'name="next" value="/e/saltware/show/"' in said
    assert "<html" not in said


def test_a_guest_signs_in_on_the_way_follows_and_is_back(store: Store, cleo: User) -> None:
    client = Client()

    led = press(client, to="/s/saltware/p/mug/")
    assert led.status_code == 303
    assert led["Location"].startswith("/account/login/?next=")
    back = sign_in(client, cleo, led["Location"])
    assert not follows(cleo, store)
    answer = client.get(back["Location"])

    assert answer["Location"] == "/s/saltware/p/mug/"
    assert follows(cleo, store)
    assert "You follow Saltware now." in words(client.get("/account/following/"))


def test_a_guest_with_a_script_is_led_to_sign_in_too(store: Store) -> None:
    answer = press(Client(), hx_request="true")

    assert answer["HX-Redirect"].startswith("/account/login/?next=")
    assert not Follow.objects.exists()


def test_an_address_alone_follows_nothing(store: Store, browser: Client) -> None:
    answer = browser.get("/s/saltware/follow/?next=/account/")

    assert answer["Location"] == "/account/"
    assert not Follow.objects.exists()


def test_a_wish_for_one_store_is_not_one_for_another(store: Store, cleo: User) -> None:
    make.store("other")
    client = Client()
    press(client)
    client.force_login(cleo)

    client.get("/s/other/follow/")

    assert not Follow.objects.exists()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_leads_to_no_stranger(store: Store, browser: Client, to: str) -> None:
    assert press(browser, to=to)["Location"] == "/s/saltware/"
    assert browser.get("/s/saltware/follow/", {"next": to})["Location"] == "/s/saltware/"


def test_another_sites_form_follows_nothing(store: Store, cleo: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cleo)

    assert press(client).status_code == 403
    assert not Follow.objects.exists()


def test_a_closed_store_cannot_be_followed(store: Store, browser: Client) -> None:
    close_store(store=store, at=NOON)

    assert press(browser).status_code == 404
    assert browser.put("/api/v1/stores/saltware/follow/").status_code == 404


def test_the_account_lists_what_is_followed_and_stops_it_there(store: Store, cleo: User, browser: Client) -> None:
    follow_store(store=store, user=cleo)

    page = browser.get("/account/following/")
    answer = press(browser, "no", to="/account/following/")

    assert "Saltware" in words(page)
    assert page["Cache-Control"] == "private, no-store"
    assert answer["Location"] == "/account/following/"
    assert "You follow nobody yet" in words(browser.get("/account/following/"))


def test_the_list_costs_the_same_however_long(store: Store, cleo: User, browser: Client) -> None:
    follow_store(store=store, user=cleo)
    with count_queries() as one:
        browser.get("/account/following/")
    for _ in range(5):
        follow_store(store=make.store(), user=cleo)
    with count_queries() as many:
        browser.get("/account/following/")

    assert len(one) == len(many) <= 4


def test_a_guest_is_asked_to_sign_in_for_the_list() -> None:
    assert Client().get("/account/following/")["Location"] == "/account/login/?next=/account/following/"


def test_a_guests_store_page_asks_nothing_about_followers(store: Store, browser: Client) -> None:
    with count_queries() as queries:
        Client().get("/s/saltware/")

    assert not [query for query in queries if "shop_follow" in query["sql"]]


def test_following_by_the_api(store: Store, cleo: User, browser: Client) -> None:
    followed = [browser.put("/api/v1/stores/saltware/follow/").status_code for _ in range(2)]
    (listed,) = browser.get("/api/v1/following/").json()
    stopped = [browser.delete("/api/v1/stores/saltware/follow/").status_code for _ in range(2)]

    assert followed == stopped == [204, 204]
    assert (listed["store"], listed["name"]) == ("saltware", "Saltware")
    assert browser.get("/api/v1/following/").json() == []
    assert browser.put("/api/v1/stores/nobody/follow/").json()["code"] == "not_found"


def test_the_api_is_for_people_who_signed_in(store: Store) -> None:
    for answer in (Client().put("/api/v1/stores/saltware/follow/"), Client().get("/api/v1/following/")):
        assert answer.status_code == 403
        assert answer.json()["code"] == "not_authenticated"
    assert not Follow.objects.exists()
