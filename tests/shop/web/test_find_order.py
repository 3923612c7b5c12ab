"""Find my order: one answer for everybody, and a letter only where there is an order."""

import pytest

from shop.core.limits import Limit
from shop.mails.models import Mail
from shop.web import find_order
from tests import make
from tests.shop.web.pages import count_queries, words


@pytest.fixture
def order(vera):
    store = make.store("saltware")
    make.rates(store)
    return make.paid_order(vera, (make.variant(make.product(store), stock=5), 1))


def ask(client, email: str):
    return client.post("/find-order/", {"email": email})


def test_the_answer_is_the_same_whether_or_not_somebody_bought(client, order):
    known, unknown = ask(client, order.email), ask(client, "nobody@stagedoor.example")

    assert known.status_code == unknown.status_code == 302
    assert known.headers["Location"] == unknown.headers["Location"]
    assert "If something was ordered with that address" in words(client.get(known.headers["Location"]))


def test_the_links_go_to_the_address_that_paid_and_to_no_other(client, order):
    ask(client, order.email.upper())
    ask(client, "nobody@stagedoor.example")

    letter = Mail.objects.get()
    assert letter.to == order.email
    assert order.token in letter.text


def test_an_order_that_was_never_paid_is_not_told_of(client, vera):
    store = make.store("papermoth")
    make.rates(store)
    make.in_cart(vera, make.variant(make.product(store), stock=5))
    unpaid = make.order(vera, store)

    ask(client, unpaid.email)

    assert not Mail.objects.exists()


def test_no_mailbox_is_flooded(client, order):
    for _ in range(3):
        assert ask(client, order.email).status_code == 302

    refused = ask(client, order.email)

    assert refused.status_code == 429
    assert "too often" in words(refused)
    assert Mail.objects.count() == 3


def test_one_network_address_cannot_ask_for_thousands(client, order, monkeypatch):
    monkeypatch.setattr(find_order, "A_NETWORK_ADDRESS", Limit(name="find-order/network", times=2, window_s=3600))

    answers = [ask(client, f"guess{number}@stagedoor.example").status_code for number in range(3)]

    assert answers == [302, 302, 429]


def test_what_is_no_address_is_said_at_the_field(client, db):
    page = ask(client, "vera")

    assert page.status_code == 400
    assert "Enter a valid email address." in words(page)


def test_the_page_asks_nothing(client, db):
    with count_queries() as queries:
        client.get("/find-order/")

    assert len(queries) == 0
