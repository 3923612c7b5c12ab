"""The cart: put in, change, take out; what is held, what changed since and why."""

from datetime import timedelta

import pytest
from django.test import Client

from shop.cart.models import CartLine
from shop.door.shopper import COOKIE
from shop.stock.models import Hold
from tests import make
from tests.conftest import set_clock
from tests.shop.web.pages import browser_of, count_queries, words


@pytest.fixture
def shop(db):
    store = make.store("saltware")
    make.rates(store)
    return store


@pytest.fixture
def mug(shop):
    return make.variant(make.product(shop, "Tide mug"), price_minor=2000, stock=10)


def put_in(browser: Client, variant, quantity: object = 1):
    return browser.post("/s/saltware/cart/add/", {"variant": variant.pk, "quantity": quantity})


def test_a_stranger_puts_something_in_and_is_remembered(client, mug):
    answer = put_in(client, mug, 2)

    assert answer.headers["Location"] == "/s/saltware/cart/"
    assert client.cookies[COOKIE]["httponly"]
    assert "Tide mug" in words(client.get("/s/saltware/cart/"))
    assert "2 in the cart" in words(client.get("/s/saltware/"))


def test_another_browser_sees_nothing_of_it(client, mug):
    put_in(client, mug)

    assert "Nothing in here yet" in words(Client().get("/s/saltware/cart/"))


def test_a_tampered_cookie_is_as_if_absent(vera, mug):
    make.in_cart(vera, mug)
    browser = Client()
    browser.cookies[COOKIE] = f"{vera.pk}:forged"

    page = browser.get("/s/saltware/cart/")

    assert "Nothing in here yet" in words(page)
    put_in(browser, mug, 3)
    assert CartLine.objects.get(shopper=vera).quantity == 1


def test_quantity_changes_and_a_line_goes(vera, mug):
    browser, line = browser_of(vera), make.in_cart(vera, mug)

    browser.post(f"/s/saltware/cart/{line.pk}/", {"quantity": 4})
    assert "€80.00" in words(browser.get("/s/saltware/cart/"))

    browser.post(f"/s/saltware/cart/{line.pk}/remove/")
    assert "Nothing in here yet" in words(browser.get("/s/saltware/cart/"))


def test_nobody_changes_somebody_elses_line(vera, victor, mug):
    line = make.in_cart(vera, mug)

    browser_of(victor).post(f"/s/saltware/cart/{line.pk}/", {"quantity": 9})
    browser_of(victor).post(f"/s/saltware/cart/{line.pk}/remove/")

    assert CartLine.objects.get(pk=line.pk).quantity == 1


@pytest.mark.parametrize("nonsense", ["", "0", "-1", "100", "1000000000", "two", "1.5"])
def test_a_quantity_that_makes_no_sense_is_said_and_changes_nothing(vera, mug, nonsense):
    browser, line = browser_of(vera), make.in_cart(vera, mug, 2)

    answers = [
        browser.post(f"/s/saltware/cart/{line.pk}/", {"quantity": nonsense}, follow=True),
        browser.post("/s/saltware/cart/add/", {"variant": mug.pk, "quantity": nonsense}, follow=True),
    ]

    assert all("from 1 to 99" in words(answer) for answer in answers)
    assert CartLine.objects.get(pk=line.pk).quantity == 2


@pytest.mark.parametrize("path", ["cart/{huge}/", "cart/{huge}/remove/", "holds/{huge}/let-go/"])
def test_a_number_beyond_every_row_changes_nothing(vera, mug, path):
    make.in_cart(vera, mug)

    answer = browser_of(vera).post("/s/saltware/" + path.format(huge=10**30), {"quantity": 1})

    assert answer.status_code in (302, 404)
    assert CartLine.objects.get().quantity == 1


@pytest.mark.parametrize("variant", ["", "x", "-1", 10**30])
def test_a_variant_that_nobody_sells_is_said(client, shop, variant):
    answer = client.post("/s/saltware/cart/add/", {"variant": variant, "quantity": 1}, follow=True)

    assert "Please choose what you would like first." in words(answer)


def test_a_variant_of_another_store_is_not_for_sale_here(client, mug):
    elsewhere = make.variant(stock=5)

    answer = client.post("/s/saltware/cart/add/", {"variant": elsewhere.pk, "quantity": 1}, follow=True)

    assert "Please choose what you would like first." in words(answer)
    assert not CartLine.objects.exists()


def test_a_forged_form_puts_nothing_in(mug):
    strict = Client(enforce_csrf_checks=True)

    assert put_in(strict, mug).status_code == 403
    assert not CartLine.objects.exists()


def test_a_price_that_changed_is_told_with_both_prices(vera, mug):
    make.in_cart(vera, mug)
    make.offer(mug, 1500)

    page = words(browser_of(vera).get("/s/saltware/cart/"))

    assert "€20.00 then, €15.00 now" in page


def test_what_sold_out_meanwhile_is_told_on_its_line(vera, victor, shop):
    last = make.variant(make.product(shop, "Last mug"), stock=1)
    make.in_cart(vera, last)
    make.paid_order(victor, (last, 1))

    assert "This is sold out" in words(browser_of(vera).get("/s/saltware/cart/"))


def test_held_pieces_stand_beside_the_cart_with_number_and_clock(noon, vera, shop, mug):
    deal = make.allotment(mug, pieces=3, price_minor=1200, per_person=2, hold_s=120)
    make.hold(vera, deal, 2)

    page = browser_of(vera).get("/s/saltware/cart/")

    assert "Pieces 1, 2 of 3 · €24.00" in words(page)
    assert "2:00" in words(page)
    assert 'data-remaining-ms="120000"' in page.content.decode()


def test_an_expired_hold_is_told_while_the_rest_stands(noon, vera, shop, mug):
    deal = make.allotment(make.variant(make.product(shop, "Bowl"), stock=3), hold_s=60)
    make.hold(vera, deal)
    make.in_cart(vera, mug)

    set_clock(noon + timedelta(seconds=90))
    page = words(browser_of(vera).get("/s/saltware/cart/"))

    assert "The time to pay for Bowl ran out" in page
    assert "Everything else is still here" in page
    assert "Tide mug" in page
    assert "Check out" in page


def test_a_held_piece_is_let_go_by_its_holder_only(noon, vera, victor, shop):
    hold = make.hold(vera, make.allotment(make.variant(make.product(shop), stock=3)))

    stranger = browser_of(victor).post(f"/s/saltware/holds/{hold.pk}/let-go/")
    assert stranger.status_code == 404
    assert Hold.objects.get(pk=hold.pk).ended_at is None

    browser_of(vera).post(f"/s/saltware/holds/{hold.pk}/let-go/")
    assert Hold.objects.get(pk=hold.pk).ending == "let_go"


def test_the_count_in_the_header_asks_nothing_for_a_stranger(client, shop):
    with count_queries() as queries:
        client.get("/s/saltware/legal/nothing/")

    assert len(queries) == 1


def test_a_full_cart_asks_no_more_queries_than_a_small_one(noon, vera, shop, mug):
    def fill(title: str) -> None:
        make.in_cart(vera, make.variant(make.product(shop, title), stock=5))
        make.hold(vera, make.allotment(make.variant(make.product(shop, title), stock=3)))

    fill("One")
    with count_queries() as small:
        browser_of(vera).get("/s/saltware/cart/")
    for title in ("Two", "Three", "Four"):
        fill(title)
    with count_queries() as full:
        browser_of(vera).get("/s/saltware/cart/")

    assert len(small) == len(full) <= 22
