"""What Stripe says becomes rows, once."""

import pytest

from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.facts import Fact
from shop.core.money import Money
from shop.ledger.queries import balance
from shop.payments.gateway import Seen, Status
from shop.payments.models import Attempt
from shop.payments.services import apply
from shop.payments.states import AttemptState
from shop.stock.models import Hold, StockLevel
from shop.stock.queries import counts_of
from shop.stores.models import Store
from tests import make


@pytest.fixture
def store(db: None) -> Store:
    made = make.store()
    make.rates(made)
    return made


def told(attempt: Attempt, status: Status, *, amount_minor: int | None = None) -> Attempt:
    return apply(attempt_id=attempt.pk, seen=make.seen(attempt, status, amount_minor=amount_minor), at=clock.now())


def test_a_paid_order_sells_its_goods_once_however_often_stripe_says_so(vera: Shopper, store: Store) -> None:
    mug = make.variant(make.product(store), price_minor=2000, stock=5)
    make.in_cart(vera, mug, 2)
    order = make.order(vera, store)
    attempt = make.attempt_of(order)

    for _ in range(3):
        told(attempt, Status.PAID)

    order.refresh_from_db()
    assert order.is_paid
    assert make.on_hand(mug) == 3
    assert StockLevel.objects.get(variant=mug).held == 0
    assert balance("stripe", "EUR") == Money(4490, "EUR")
    assert balance(f"store:{store.pk}:sales", "EUR") == Money(-4000, "EUR")
    assert balance(f"store:{store.pk}:shipping", "EUR") == Money(-490, "EUR")
    assert Fact.objects.filter(kind="order.paid", subject=str(order.pk)).count() == 1
    assert not vera.cart_lines.exists()
