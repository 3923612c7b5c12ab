"""What we call so much money, and what Stripe calls it."""

import pytest

from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.money import Money
from shop.payments.amounts import from_stripe, to_stripe
from shop.payments.services import refund, send_refund, talk
from shop.payments.states import RefundState
from tests import make
from tests.fakes import Sandbox


@pytest.mark.parametrize(
    ("amount", "at_stripe"),
    [
        (Money(1250, "EUR"), 1250),
        (Money(500, "JPY"), 500),
        (Money(5120, "KWD"), 5120),
        (Money(500, "ISK"), 50_000),
        (Money(2490, "RSD"), 249_000),
        (Money(0, "EUR"), 0),
    ],
)
def test_the_same_money_in_stripes_units_and_back(amount: Money, at_stripe: int) -> None:
    assert to_stripe(amount) == at_stripe
    assert from_stripe(at_stripe, amount.currency) == amount


def test_a_store_in_a_currency_without_coins_charges_and_returns_the_whole_amount(
    vera: Shopper, sandbox: Sandbox
) -> None:
    store = make.store(currency="RSD")
    make.rates(store)
    make.in_cart(vera, make.variant(make.product(store), price_minor=2000, stock=1))
    order = make.order(vera, store)
    sandbox.pay(talk(attempt_id=make.attempt_of(order).pk, at=clock.now()).url)
    talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    order.refresh_from_db()

    made = refund(
        order=order,
        lines={order.lines.get().pk: 1},
        comes_back=True,
        with_shipping=True,
        by=None,
        reason="Broken",
        at=clock.now(),
    )

    assert send_refund(refund_id=made.pk, at=clock.now()).state == RefundState.DONE
    (charged, *_), (returned, *_) = sandbox.events("charge.succeeded"), sandbox.events("refund.created")
    assert charged["data"]["object"]["amount"] == returned["data"]["object"]["amount"] == 249_000
