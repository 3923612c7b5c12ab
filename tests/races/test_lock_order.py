"""Goods of several sales and shelves in one order: whoever locks them, in whatever order, nobody waits in a circle."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from shop.catalog.models import Variant
from shop.core import clock
from shop.orders.models import Order
from shop.payments.models import Refund
from shop.payments.seen import Status
from shop.payments.services import apply, refund
from shop.stock import levels
from shop.stock.models import Allotment, Hold, StockLevel
from shop.stock.services import end_allotment
from shop.stores.models import Store
from tests import make

Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 25


@pytest.fixture
def store(transactional_db: None) -> Store:
    """A store that sends anywhere."""
    made = make.store()
    make.rates(made)
    return made


def two_shelves(store: Store) -> list[Variant]:
    return [make.variant(make.product(store), stock=1000) for _ in range(2)]


def bought(store: Store, sale: Allotment, ordinary: Variant) -> Order:
    """A piece of the sale and a unit of something else, checked out."""
    buyer = make.shopper()
    make.hold(buyer, sale)
    make.in_cart(buyer, ordinary)
    return make.order(buyer, store)


def give_everything_back(order: Order) -> Refund:
    return refund(
        order=order,
        lines={line.pk: 1 for line in order.lines.all()},
        comes_back=True,
        with_shipping=False,
        by=None,
        reason="Broken",
        at=clock.now(),
    )


def die(order: Order) -> None:
    attempt = make.attempt_of(order)
    apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.DEAD), at=clock.now())


def keep(variants: list[Variant]) -> None:
    """What a checkout of both things does to their shelves."""
    with transaction.atomic():
        levels.hold_stock(wanted={variant.pk: 1 for variant in variants})


def crossed_orders(store: Store, shelves: list[Variant], *, count: int) -> list[Order]:
    """Orders of a piece of one thing and a unit of the other, and the other way round; both sales are over."""
    sales = [make.allotment(variant, pieces=count) for variant in shelves]
    orders = []
    for _ in range(count):
        orders += [bought(store, sale, other) for sale, other in zip(sales, reversed(shelves), strict=True)]
    for sale in sales:
        end_allotment(allotment_id=sale.pk)
    return orders


def all_of(work: Callable[[Order], object], orders: list[Order]) -> None:
    for order in orders:
        work(order)


def test_refunds_of_crossed_orders_do_not_wait_for_each_other(race: Race, store: Store) -> None:
    shelves = two_shelves(store)
    orders = [make.pay(order) for order in crossed_orders(store, shelves, count=ROUNDS)]

    race(*(partial(all_of, give_everything_back, orders[side::2]) for side in range(2)))

    assert [make.on_hand(variant) for variant in shelves] == [1000, 1000]


@pytest.mark.made_up("stock is kept only for payments that live")
def test_payments_that_die_do_not_wait_for_a_checkout_in_a_circle(race: Race, store: Store) -> None:
    shelves = two_shelves(store)
    orders = crossed_orders(store, shelves, count=ROUNDS)
    Hold.objects.update(kept_s=0)

    def check_out() -> None:
        for _ in range(ROUNDS * 3):
            keep(shelves)

    race(*(partial(all_of, die, orders[side::2]) for side in range(2)), check_out)

    assert set(StockLevel.objects.values_list("held", flat=True)) == {ROUNDS * 3}
