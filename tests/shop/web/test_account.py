"""My purchases: mine, and nobody else's."""

import pytest
from django.db import transaction
from django.test import Client

from shop.downloads.services import settle
from tests import make
from tests.make.fulfilment import digital_file
from tests.shop.web.pages import browser_of, count_queries, words


@pytest.fixture
def mug(db):
    store = make.store("saltware")
    make.rates(store)
    return make.variant(make.product(store, "Tide mug"), stock=50)


def test_a_guest_sees_what_this_browser_bought(vera, mug):
    order = make.paid_order(vera, (mug, 1))

    page = words(browser_of(vera).get("/account/"))

    assert order.number in page
    assert "Being packed" in page
    assert "Sign in" in page


def test_a_stranger_sees_nothing_of_it(vera, victor, mug):
    order = make.paid_order(vera, (mug, 1))

    assert order.number not in words(browser_of(victor).get("/account/"))
    assert "Nothing bought yet" in words(Client().get("/account/"))


def test_an_account_sees_what_all_its_browsers_bought(mug):
    cleo = make.user("cleo@stagedoor.example")
    phone, laptop = make.shopper(cleo), make.shopper(cleo)
    orders = [make.paid_order(phone, (mug, 1)), make.paid_order(laptop, (mug, 1))]
    browser = Client()
    browser.force_login(cleo)

    page = words(browser.get("/account/"))

    assert all(order.number in page for order in orders)


def test_somebody_elses_browser_lends_no_orders_to_an_account(vera, mug):
    theirs = make.user("cleo@stagedoor.example")
    hers = make.paid_order(make.shopper(theirs), (mug, 1))
    browser = browser_of(hers.shopper)
    browser.force_login(make.user("max@stagedoor.example"))

    assert hers.number not in words(browser.get("/account/"))


def test_files_are_in_the_library_until_they_are_given_back(vera, mug):
    song = make.variant(make.product(mug.product.store, "Song"), is_digital=True)
    digital_file(song.product, "song.zip")
    order = make.paid_order(vera, (song, 1))
    with transaction.atomic():
        settle(order_id=order.pk)
    assert "song.zip" in words(browser_of(vera).get("/account/library/"))

    browser_of(vera).post(f"/orders/{order.token}/cancel/")
    with transaction.atomic():
        settle(order_id=order.pk)

    assert "No files yet" in words(browser_of(vera).get("/account/library/"))


def test_many_orders_come_on_pages_and_ask_no_more_queries(vera, mug):
    make.paid_order(vera, (mug, 1))
    browser = browser_of(vera)
    with count_queries() as one:
        browser.get("/account/")
    for _ in range(21):
        make.paid_order(vera, (mug, 1))
    with count_queries() as many:
        page = browser.get("/account/")

    assert "1 / 2" in words(page)
    assert len(one) == len(many) <= 12
    with count_queries() as files:
        browser.get("/account/library/")
    assert len(files) <= 6


def test_what_is_mine_is_kept_nowhere(vera, mug):
    assert browser_of(vera).get("/account/")["Cache-Control"] == "private, no-store"
