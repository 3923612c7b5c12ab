"""The checkout page: one form, one order, and the truth about what is in the way."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from shop.core.limits import Limit
from shop.door import limits
from shop.orders.models import Order
from shop.payments.models import Attempt
from shop.pricing.models import ShippingRate
from shop.stock.models import Hold
from tests import make
from tests.conftest import set_clock
from tests.shop.web.pages import browser_of, count_queries, fields, words

HOME = {
    "email": "vera@stagedoor.example",
    "name": "Vera Viewer",
    "line1": "Hauptstr. 1",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}


@pytest.fixture
def shop(db):
    store = make.store("saltware")
    make.rates(store, price_minor=490)
    return store


@pytest.fixture
def mug(shop):
    return make.variant(make.product(shop, "Tide mug"), price_minor=2000, stock=10)


def send(browser: Client, **changes: object):
    return browser.post("/s/saltware/checkout/", {**HOME, "key": uuid4(), **changes})


def test_a_form_sent_twice_makes_one_order_and_one_payment(vera, mug):
    make.in_cart(vera, mug)
    browser, key = browser_of(vera), uuid4()

    first, second = send(browser, key=key), send(browser, key=key)

    order = Order.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/orders/{order.token}/pay/"
    assert first.status_code == 302
    assert Attempt.objects.count() == 1


def test_a_second_tab_with_the_same_basket_leads_to_the_same_order(vera, mug):
    make.in_cart(vera, mug)
    browser = browser_of(vera)

    send(browser, key=uuid4())
    send(browser, key=uuid4())

    assert Order.objects.count() == 1


def test_the_form_that_made_an_order_leads_to_it_after_it_is_paid_too(vera, mug):
    make.in_cart(vera, mug)
    browser, key = browser_of(vera), uuid4()
    send(browser, key=key)
    order = make.pay(Order.objects.get())

    again = send(browser, key=key)

    assert again.headers["Location"] == f"/orders/{order.token}/pay/"
    assert Order.objects.count() == 1


def test_the_order_goes_where_the_form_said(vera, mug):
    make.in_cart(vera, mug, 2)

    send(browser_of(vera))

    order = Order.objects.get()
    assert order.ship_to is not None
    assert order.ship_to.lines == ["Vera Viewer", "Hauptstr. 1", "10115 Berlin", "Germany"]
    assert (order.email, order.total_minor) == ("vera@stagedoor.example", 4490)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("email", "vera", "Enter a valid email address."),
        ("postal_code", "1011", "is not a postal code in Germany"),
        ("city", "", "This field is required."),
        ("name", "", "This field is required."),
        ("country", "ZZ", "Select a valid choice."),
        ("line1", "\x07bell", "cannot be printed"),
    ],
)
def test_a_wrong_field_says_which_and_why_and_nothing_is_ordered(vera, mug, field, typed, said):
    make.in_cart(vera, mug)

    page = send(browser_of(vera), **{field: typed})

    assert page.status_code == 400
    assert said in words(page)
    assert "Something is missing or wrong below" in words(page)
    assert not Order.objects.exists()


def test_what_was_typed_stays_after_an_error(vera, mug):
    make.in_cart(vera, mug)
    key = str(uuid4())

    page = send(browser_of(vera), key=key, postal_code="1011")

    assert fields(page)["line1"] == "Hauptstr. 1"
    assert fields(page)["key"] == key


@pytest.mark.parametrize("nonsense", [{"key": ""}, {"key": "17"}, {"expects": "a lot"}])
def test_a_form_that_was_meddled_with_makes_no_order(vera, mug, nonsense):
    make.in_cart(vera, mug)

    assert send(browser_of(vera), **nonsense).status_code == 400
    assert not Order.objects.exists()


def test_another_country_shows_its_price_before_anything_is_bought(vera, shop, mug):
    ShippingRate.objects.create(store=shop, country="CH", name="Airmail", up_to_g=9000, price_minor=1490)
    make.in_cart(vera, mug)

    page = send(browser_of(vera), country="CH", update="1", email="")

    assert page.status_code == 200
    assert "Delivery · Airmail €14.90" in words(page)
    assert "Pay €34.90" in words(page)
    assert "required" not in words(page)
    assert not Order.objects.exists()


def test_only_countries_that_the_store_sends_to_can_be_chosen(vera, shop, mug):
    ShippingRate.objects.all().delete()
    ShippingRate.objects.create(store=shop, country="DE", name="Parcel", up_to_g=9000, price_minor=490)
    make.in_cart(vera, mug)

    page = browser_of(vera).get("/s/saltware/checkout/").content.decode()

    assert page.count("<option") == 1
    assert send(browser_of(vera), country="FR").status_code == 400
    assert not Order.objects.exists()


def test_each_country_is_asked_for_the_address_it_uses(vera, mug):
    make.in_cart(vera, mug)
    browser = browser_of(vera)

    german, american = (fields(send(browser, country=code, update="1")) for code in ("DE", "US"))

    assert "region" not in german
    assert "region" in american


def test_files_need_no_address(vera, shop):
    make.in_cart(vera, make.variant(make.product(shop, "Song"), is_digital=True))
    browser = browser_of(vera)

    assert "line1" not in fields(browser.get("/s/saltware/checkout/"))
    browser.post("/s/saltware/checkout/", {"email": "vera@stagedoor.example", "country": "JP", "key": uuid4()})

    order = Order.objects.get()
    assert (order.ship_to, order.country) == (None, "JP")


def test_a_price_that_changed_under_the_buyer_is_shown_before_it_is_paid(vera, mug):
    make.in_cart(vera, mug)
    browser = browser_of(vera)
    seen = fields(browser.get("/s/saltware/checkout/"))
    mug.price_minor = 2600
    mug.save()

    page = send(browser, key=seen["key"], expects=seen["expects"])

    assert page.status_code == 409
    assert "it is €30.90 now" in words(page)
    assert not Order.objects.exists()

    agreed = fields(page)
    send(browser, key=agreed["key"], expects=agreed["expects"])
    assert Order.objects.get().total_minor == 3090


def test_an_expired_hold_is_told_and_the_rest_of_the_cart_stands(noon, vera, shop, mug):
    make.hold(vera, make.allotment(make.variant(make.product(shop, "Bowl"), stock=3), hold_s=60))
    make.in_cart(vera, mug)
    browser = browser_of(vera)
    seen = fields(browser.get("/s/saltware/checkout/"))

    set_clock(noon + timedelta(seconds=90))
    page = send(browser, key=seen["key"], expects=seen["expects"])

    assert page.status_code == 409
    assert "ran out" in words(page)
    assert "Tide mug" in words(page)
    assert not Order.objects.exists()
    assert Hold.objects.get().pay_until is None


def test_what_is_sold_out_keeps_the_buyer_here(vera, victor, shop):
    last = make.variant(make.product(shop, "Last mug"), stock=1)
    make.in_cart(vera, last)
    make.paid_order(victor, (last, 1))

    page = send(browser_of(vera))

    assert page.status_code == 409
    assert "Last mug: This is sold out" in words(page)
    assert Order.objects.filter(shopper=vera).count() == 0


def test_an_empty_cart_has_nothing_to_check_out(client, shop):
    assert client.get("/s/saltware/checkout/").headers["Location"] == "/s/saltware/cart/"

    answer = send(client)

    assert answer.status_code == 409
    assert "nothing in your cart" in words(answer)


def test_a_page_whose_last_piece_ran_out_goes_to_the_cart_that_says_so(noon, vera, shop):
    make.hold(vera, make.allotment(make.variant(make.product(shop, "Bowl"), stock=3), hold_s=60))
    browser = browser_of(vera)
    set_clock(noon + timedelta(seconds=90))

    answer = browser.post("/s/saltware/checkout/", {**HOME, "update": "1"}, headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == "/s/saltware/cart/"
    page = words(browser.get("/s/saltware/cart/"))
    assert "The time to pay for Bowl ran out" in page
    assert "Everything else is still here" not in page


def test_somebody_who_tries_many_cards_is_stopped(vera, mug, monkeypatch):
    monkeypatch.setattr(limits, "A_SHOPPER", Limit(name="checkout/shopper", times=1, window_s=3600))
    make.in_cart(vera, mug)
    browser, key = browser_of(vera), uuid4()
    send(browser, key=key)

    page = send(browser, key=key)

    assert page.status_code == 429
    assert "too often" in words(page)


def test_the_next_checkout_remembers_the_address(vera, mug):
    make.in_cart(vera, mug)
    browser = browser_of(vera)
    send(browser)
    make.pay(Order.objects.get())
    make.in_cart(vera, mug)

    remembered = fields(browser.get("/s/saltware/checkout/"))

    assert remembered["line1"] == "Hauptstr. 1"
    assert remembered["email"] == "vera@stagedoor.example"


def test_a_longer_basket_asks_no_more_queries(noon, vera, shop, mug):
    def fill(title: str) -> None:
        make.in_cart(vera, make.variant(make.product(shop, title), stock=5))
        make.hold(vera, make.allotment(make.variant(make.product(shop, title), stock=3)))

    fill("One")
    with count_queries() as small:
        browser_of(vera).get("/s/saltware/checkout/")
    for title in ("Two", "Three"):
        fill(title)
    with count_queries() as full:
        browser_of(vera).get("/s/saltware/checkout/")

    assert len(small) == len(full) <= 25
