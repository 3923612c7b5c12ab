"""The whole way without JavaScript: a browser that only follows links and sends forms, and Stripe's sandbox."""

import re
from html import unescape
from urllib.parse import urlsplit

from django.test import Client

from shop.core import clock
from shop.orders.models import Order
from shop.payments.services import talk
from tests import make
from tests.fakes import ASKS_THE_BANK, DECLINED, sandbox, stripe_process
from tests.shop.web.pages import fields, words

__all__ = ["sandbox", "stripe_process"]
REFRESH = re.compile(r'<noscript><meta http-equiv="refresh" content="\d;url=([^"]+)">')


def form_of(page: object, **typed: object) -> dict[str, object]:
    """The form of a page as a browser sends it, without what belongs to other forms."""
    return {**fields(page), **typed}


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def test_from_the_shelf_to_a_paid_order_without_a_script(db, sandbox):
    store = make.store("saltware")
    make.rates(store, price_minor=490)
    mug = make.variant(make.product(store, "Tide mug"), price_minor=2000, stock=5)
    browser = Client(enforce_csrf_checks=True)

    product = browser.get(f"/s/saltware/p/{mug.product.handle}/")
    browser.post("/s/saltware/cart/add/", form_of(product))
    checkout = browser.get("/s/saltware/checkout/")
    home = {"email": "vera@stagedoor.example", "country": "DE", "name": "Vera", "line1": "Hauptstr. 1"}
    placed = browser.post("/s/saltware/checkout/", form_of(checkout, **home, postal_code="10115", city="Berlin"))
    order = Order.objects.get()

    waiting = placed.headers["Location"]
    assert 'http-equiv="refresh" content="2"' in browser.get(waiting).content.decode()
    talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    stripe_page = unescape(REFRESH.findall(browser.get(waiting).content.decode())[0])
    assert stripe_page.startswith(sandbox.base)

    sandbox.pay(stripe_page, card=DECLINED)
    bank = sandbox.pay(stripe_page, card=ASKS_THE_BANK)
    home_again = sandbox.answer_bank(bank, outcome="complete")
    back = browser.get(path_of(home_again), follow=True)

    assert back.redirect_chain == [(f"/orders/{order.token}/", 302)]
    assert "Being packed" in words(back)
    assert "€24.90" in words(back)
    assert make.on_hand(mug) == 4


def test_who_turns_back_at_stripe_may_pay_or_let_it_be(db, vera, sandbox):
    store = make.store("saltware")
    make.rates(store)
    mug = make.variant(make.product(store, "Tide mug"), stock=5)
    make.in_cart(vera, mug)
    order = make.order(vera, store)
    attempt = make.attempt_of(order)
    talk(attempt_id=attempt.pk, at=clock.now())
    browser = Client()

    page = browser.get(f"/orders/{order.token}/?back=1", follow=True)
    assert "Waiting for your payment" in words(page)

    browser.post(f"/orders/{order.token}/give-up/")
    talk(attempt_id=attempt.pk, at=clock.now())
    assert "Nothing was charged" in words(browser.get(f"/orders/{order.token}/"))
    assert make.attempt_of(order).state == "dead"
