"""Who is behind a request: strangers, crowds of strangers, and cookies that are not what they seem."""

from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpResponse
from django.test import Client, RequestFactory

from shop.accounts.models import Shopper, User
from shop.cart.models import CartLine
from shop.catalog.models import Variant
from shop.door.address import network_of_environ
from shop.door.shopper import COOKIE, NEW_GUESTS, SIGNER, greet_onlooker, read_cookie, reader, settle
from tests import make

LAST_NUMBERS = count(1)


@pytest.fixture
def crowded() -> str:
    """A network address from which more new guests came, into all processes together, than may for a minute."""
    address = f"198.51.100.{next(LAST_NUMBERS)}"
    network = network_of_environ({"REMOTE_ADDR": address})
    assert [NEW_GUESTS.take(network) for _ in range(5_000)].count(0) == 5_000
    NEW_GUESTS.learn(network, 60)
    return address


@pytest.fixture
def goods(db: None) -> Variant:
    return make.variant(make.product(make.store()), stock=9)


def put_in_cart(goods: Variant, client: Client, **request: Any) -> HttpResponse:
    address = f"/s/{goods.product.store.handle}/cart/add/"
    return client.post(address, {"variant": goods.pk, "quantity": 1}, **request)  # type: ignore[return-value]


def test_beyond_the_crowd_a_new_guest_may_not_write_and_is_told_when(crowded: str, goods: Variant) -> None:
    refused = put_in_cart(goods, Client(), REMOTE_ADDR=crowded)

    assert refused.status_code == 429
    assert 50 <= int(refused.headers["Retry-After"]) <= 61
    assert "Please wait a little" in refused.content.decode()
    assert COOKIE not in refused.cookies
    assert not Shopper.objects.exists()
    assert not CartLine.objects.exists()


def test_the_api_says_the_same(crowded: str, goods: Variant) -> None:
    refused = Client().post(
        f"/api/v1/stores/{goods.product.store.handle}/cart/lines/",
        {"variant": goods.pk, "quantity": 1},
        "application/json",
        REMOTE_ADDR=crowded,
    )

    assert refused.status_code == 429
    assert refused.json()["code"] == "too_often"
    assert not Shopper.objects.exists()


def test_who_was_a_guest_before_the_crowd_came_goes_on(crowded: str, goods: Variant, vera: Shopper) -> None:
    client = Client()
    client.cookies[COOKIE] = SIGNER.sign(str(vera.pk))

    assert put_in_cart(goods, client, REMOTE_ADDR=crowded).status_code < 400
    assert CartLine.objects.get().shopper == vera


def test_our_own_address_and_other_networks_are_not_the_crowd(crowded: str, goods: Variant) -> None:
    assert put_in_cart(goods, Client(), REMOTE_ADDR="127.0.0.1").status_code < 400
    assert put_in_cart(goods, Client(), REMOTE_ADDR="203.0.113.200").status_code < 400
    assert put_in_cart(goods, Client(), REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=crowded).status_code == 429


def test_an_onlooker_in_a_crowd_stays_a_stranger(crowded: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=crowded)

    assert greet_onlooker(request) is None
    assert isinstance(greet_onlooker(RequestFactory().get("/")), UUID)


def test_who_signed_in_and_lost_the_cookie_is_no_new_guest(crowded: str, goods: Variant, cora: User) -> None:
    hers, client = make.shopper(cora), Client()
    client.force_login(cora)

    assert put_in_cart(goods, client, REMOTE_ADDR=crowded).status_code < 400
    assert read_cookie(client.cookies[COOKIE].value) == hers.pk


@pytest.mark.parametrize("cookie", ["lost", "nobody's", "another's", "unknown"])
def test_a_viewer_who_signed_in_has_their_accounts_shopper(
    cookie: str, cora: User, fred: User, django_assert_num_queries: Any
) -> None:
    """A claim knows no session: the limit counts the person that the cookie belongs to."""
    own = {"lost": None, "nobody's": make.shopper(), "another's": make.shopper(fred), "unknown": Shopper(pk=uuid4())}
    request = RequestFactory().get("/")
    request.user = cora
    shopper = own[cookie]
    request.META["stagedoor.shopper_id"] = shopper.pk if shopper else None

    first = settle(request, reader(request))

    assert Shopper.objects.get(pk=first.pk).user == cora
    assert request.META["stagedoor.shopper_id"] == first.pk
    if shopper and cookie == "another's":
        shopper.refresh_from_db()
        assert shopper.user == fred
    with django_assert_num_queries(1):
        assert settle(request, reader(request)).pk == first.pk


def test_a_viewer_without_an_account_is_greeted_without_a_row(db: None) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    settle(request, reader(request))

    assert isinstance(request.META["stagedoor.shopper_id"], UUID)
    assert not Shopper.objects.exists()


def other_signers() -> list[str]:
    """Cookies that somebody else signed, or for something else."""
    anybody = "7d0c1c6e-1f0a-4f1e-9d7e-3b1a54f1c0de"
    return [
        signing.Signer(salt="another").sign(anybody),
        signing.Signer(key="another-house", salt="shopper").sign(anybody),
        SIGNER.sign("no uuid"),
        SIGNER.sign(anybody)[:-1],
        SIGNER.sign(anybody).replace(":", ";"),
        anybody,
        f"{anybody}:",
    ]


@pytest.mark.parametrize("value", [*other_signers(), "", ":", "x" * 100_000, "é:ü", "\udcff:\x00", "\x00" * 100])
def test_a_cookie_that_we_did_not_write_is_nobodys(value: str) -> None:
    assert read_cookie(value) is None


def test_our_own_cookie_is_read_again_and_again() -> None:
    shopper_id = uuid4()

    assert {read_cookie(SIGNER.sign(str(shopper_id))) for _ in range(3)} == {shopper_id}
