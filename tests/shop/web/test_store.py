"""The shelf, a product, the legal pages: what a stranger sees."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from shop.core import clock
from tests import make
from tests.shop.web.pages import count_queries, words


@pytest.fixture
def shop(db):
    store = make.store("saltware")
    make.rates(store, price_minor=490)
    return store


def test_a_product_shows_its_present_price_and_what_it_was(client, shop):
    mug = make.variant(make.product(shop, "Tide mug"), price_minor=2800, stock=3)
    make.offer(mug, 1800)

    shelf, page = client.get("/s/saltware/"), client.get(f"/s/saltware/p/{mug.product.handle}/")

    assert "Tide mug Now €18.00 instead of €28.00" in words(shelf)
    assert "€18.00" in words(page)
    assert "€28.00" in words(page)


def test_what_is_sold_out_says_so_and_cannot_be_chosen(client, shop):
    tee = make.product(shop, "Tee")
    make.variant(tee, options=["S"], stock=0)
    make.variant(tee, options=["M"], stock=2)

    page = client.get(f"/s/saltware/p/{tee.handle}/")

    assert "S sold out" in words(page)
    assert "2 left" in words(page)
    assert page.content.decode().count("disabled") == 1


def test_a_product_without_stock_has_no_button(client, shop):
    mug = make.variant(make.product(shop, "Mug"), stock=0)

    page = client.get(f"/s/saltware/p/{mug.product.handle}/")

    assert "Sold out" in words(page)
    assert "Add to cart" not in words(page)


def test_the_delivery_home_is_told_and_files_need_none(client, shop):
    mug = make.variant(make.product(shop, "Mug"), stock=1)
    song = make.variant(make.product(shop, "Song"), is_digital=True)

    sent, fetched = (client.get(f"/s/saltware/p/{one.product.handle}/") for one in (mug, song))

    assert "Parcel to Germany: €4.90" in words(sent)
    assert "to Germany" not in words(fetched)
    assert "download" in words(fetched)


def test_what_nobody_may_see_is_not_there(client, shop):
    hidden = make.product(shop, "Secret")
    hidden.published_at = None
    hidden.save()
    closed = make.store("gone")
    closed.closed_at = clock.now()
    closed.save()

    pages = ["/s/nobody/", "/s/gone/", f"/s/saltware/p/{hidden.handle}/", "/s/saltware/legal/terms/", "/s/gone/cart/"]

    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)


def test_a_product_that_comes_tomorrow_is_not_there_yet(client, shop):
    soon = make.product(shop, "Soon")
    soon.published_at = datetime(2999, 1, 1, tzinfo=UTC)
    soon.save()

    assert client.get(f"/s/saltware/p/{soon.handle}/").status_code == 404
    assert "Soon" not in words(client.get("/s/saltware/"))


def test_a_legal_page_names_the_seller_and_trusts_no_html(client, shop):
    shop.terms = "You agree.\n<script>alert(1)</script>"
    shop.save()

    page = client.get("/s/saltware/legal/terms/")

    assert "You agree." in words(page)
    assert "Hauptstr. 1" in words(page)
    assert b"<script>alert" not in page.content
    assert "Terms" in words(client.get("/s/saltware/"))


def test_a_stranger_gets_no_shopper_and_no_session(shop):
    browser = Client()

    browser.get("/s/saltware/")
    browser.get("/s/saltware/cart/")

    assert not browser.cookies.keys() & {"shopper", "sessionid"}


def test_every_page_may_be_kept_by_its_reader_only(client, shop):
    assert client.get("/s/saltware/")["Cache-Control"] == "private, no-cache"


def test_a_longer_shelf_asks_no_more_queries(client, shop):
    make.variant(make.product(shop, "First"), stock=1)
    with count_queries() as short:
        client.get("/s/saltware/")

    for number in range(8):
        product = make.product(shop, f"Tee {number}")
        make.variant(product, options=["S"], stock=1)
        make.variant(product, options=["M"], stock=1)
    with count_queries() as long:
        client.get("/s/saltware/")

    assert len(short) == len(long) == 6


def test_a_product_page_asks_few_queries_however_many_variants(client, shop):
    tee = make.product(shop, "Tee")
    for size in "SMLX":
        make.variant(tee, options=[size], stock=1)

    with count_queries() as queries:
        client.get(f"/s/saltware/p/{tee.handle}/")

    assert len(queries) == 7
