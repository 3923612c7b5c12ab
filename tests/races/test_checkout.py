"""Two tabs, double clicks, the last one in stock: one order, one payment. The naive forms are shown to fail first."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from shop.accounts.models import Shopper
from shop.catalog.models import Variant
from shop.checkout.queries import basket
from shop.checkout.services import PaymentRunning
from shop.core import clock
from shop.orders.models import Order
from shop.orders.services import Buyer, Wanted, place
from shop.payments.models import Attempt
from shop.payments.seen import Status
from shop.payments.services import apply, lapse_old_orders, open_attempt, start_payment
from shop.payments.states import LIVE_ATTEMPTS
from shop.stock.errors import HoldExpired
from shop.stock.models import Hold, StockLevel
from shop.stock.services import free_due
from shop.stores.models import Store
from tests import make

GRACE = timedelta(seconds=2)
Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store(transactional_db: None) -> Store:
    """A store that sends anywhere."""
    made = make.store()
    make.rates(made)
    return made


@pytest.fixture
def mug(store: Store) -> Variant:
    """One, at 20 euros."""
    return make.variant(make.product(store), price_minor=2000, stock=1)


@pytest.fixture
def ebook(store: Store) -> Variant:
    """A file, so that no stock stands in the way of a second order."""
    return make.variant(make.product(store), price_minor=900, is_digital=True)


def naive_check_out(shopper: Shopper, store: Store, key: UUID, between: Barrier) -> object:
    """Look whether the form made an order, and place one if not."""
    made = Order.objects.filter(shopper=shopper, key=key).first()
    goods = basket(shopper, store)
    between.wait(timeout=10)
    if made or goods.quote is None:
        return made
    wanted = [Wanted(line.variant, line.quantity, line.price) for line in goods.lines]
    buyer = Buyer(shopper, key, "vera@stagedoor.example", None, "DE")
    try:
        with transaction.atomic():
            order = place(store=store, buyer=buyer, wanted=wanted, quote=goods.quote, at=clock.now())
            open_attempt(order=order, at=clock.now())
    except IntegrityError as error:
        return error
    return order


def naive_hold(variant: Variant, between: Barrier) -> bool:
    """Read what is free, decide, write it."""
    level = StockLevel.objects.get(variant=variant)
    between.wait(timeout=10)
    if level.free < 1:
        return False
    level.held += 1
    level.save()
    return True


@pytest.mark.naive
def test_the_naive_checkout_meets_the_constraint_and_crashes(
    race: Race, vera: Shopper, store: Store, ebook: Variant
) -> None:
    make.in_cart(vera, ebook)
    key, between = uuid4(), Barrier(2)

    answers = race(*[partial(naive_check_out, vera, store, key, between)] * 2)

    assert sorted(type(answer).__name__ for answer in answers) == ["IntegrityError", "Order"]


@pytest.mark.naive
def test_the_naive_checkout_makes_two_orders_where_no_constraint_stands(
    race: Race, vera: Shopper, store: Store, ebook: Variant
) -> None:
    make.in_cart(vera, ebook)
    between = Barrier(2)
    with connection.cursor() as cursor:
        cursor.execute("drop index one_open_order_a_shopper")

    try:
        race(*(partial(naive_check_out, vera, store, uuid4(), between) for _ in range(2)))
        assert Order.objects.count() == 2
    finally:
        Attempt.objects.all().delete()
        Order.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "create unique index one_open_order_a_shopper on shop_order (shopper_id, store_id)"
                " where state = 'placed'"
            )


@pytest.mark.parametrize("is_same_form", [True, False])
def test_a_double_click_or_two_tabs_make_one_order_and_one_payment(
    race: Race, vera: Shopper, store: Store, mug: Variant, is_same_form: bool
) -> None:
    make.in_cart(vera, mug)
    key = uuid4()

    answers = race(*(partial(make.order, vera, store, key=key if is_same_form else uuid4()) for _ in range(6)))

    assert {type(answer) for answer in answers} == {Order}
    assert len({answer.pk for answer in answers if isinstance(answer, Order)}) == 1
    assert Attempt.objects.count() == 1
    assert StockLevel.objects.get(variant=mug).held == 1


def test_two_browsers_of_a_person_make_one_order(race: Race, store: Store, ebook: Variant) -> None:
    person = make.user()
    browsers = [make.shopper(person) for _ in range(4)]
    make.in_cart(browsers[0], ebook)

    answers = race(*(partial(make.order, browser, store) for browser in browsers))

    assert len({answer.pk for answer in answers if isinstance(answer, Order)}) == 1
    assert Order.objects.count() == 1


@pytest.mark.naive
def test_the_naive_hold_gives_the_last_one_twice(race: Race, mug: Variant) -> None:
    between = Barrier(2)

    assert race(partial(naive_hold, mug, between), partial(naive_hold, mug, between)) == [True, True]


def test_the_last_one_in_stock_is_ordered_by_one(race: Race, store: Store, mug: Variant) -> None:
    crowd = [make.shopper() for _ in range(6)]
    for shopper in crowd:
        make.in_cart(shopper, mug)

    answers = race(*(partial(make.order, shopper, store) for shopper in crowd))

    assert sorted(type(answer).__name__ for answer in answers) == ["Order"] + ["OutOfStock"] * 5
    assert StockLevel.objects.get(variant=mug).held == 1


def test_orders_of_the_same_goods_in_another_order_do_not_lock_each_other(race: Race, store: Store) -> None:
    first, second = (make.variant(make.product(store), stock=20) for _ in range(2))
    crowd = [make.shopper() for _ in range(8)]
    for number, shopper in enumerate(crowd):
        for variant in (first, second) if number % 2 else (second, first):
            make.in_cart(shopper, variant)

    answers = race(*(partial(make.order, shopper, store) for shopper in crowd))

    assert {type(answer) for answer in answers} == {Order}


def test_a_hold_that_runs_out_while_it_is_checked_out_is_sold_or_freed_and_never_both(
    race: Race, vera: Shopper, store: Store
) -> None:
    sale = make.allotment(make.variant(make.product(store), stock=1), pieces=1)
    held = make.hold(vera, sale)
    Hold.objects.filter(pk=held.pk).update(held_until=clock.database_now() - GRACE)

    bought, _ = race(partial(make.order, vera, store), free_due)

    held.refresh_from_db()
    assert isinstance(bought, Order) == (held.pay_until is not None)
    assert isinstance(bought, Order | HoldExpired)


def test_an_order_is_paid_again_or_lapses_and_never_both(race: Race, vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)
    order = make.order(vera, store)
    dead = make.seen(make.attempt_of(order), Status.DEAD)
    apply(attempt_id=make.attempt_of(order).pk, seen=dead, at=clock.now())
    Order.objects.update(placed_at=clock.now() - timedelta(minutes=31))

    race(partial(start_payment, order=order, at=clock.now()), partial(lapse_old_orders, at=clock.now()))

    order.refresh_from_db()
    assert order.is_open == order.attempts.filter(state__in=LIVE_ATTEMPTS).exists()
    assert StockLevel.objects.get(variant=mug).held == int(order.is_open)


def test_two_retries_start_one_payment(race: Race, vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)
    order = make.order(vera, store)
    apply(attempt_id=make.attempt_of(order).pk, seen=make.seen(make.attempt_of(order), Status.DEAD), at=clock.now())

    answers = race(*[partial(start_payment, order=order, at=clock.now())] * 5)

    assert len({answer.pk for answer in answers if isinstance(answer, Attempt)}) == 1
    assert StockLevel.objects.get(variant=mug).held == 1


def test_a_tab_that_changed_the_cart_meets_the_payment_of_the_other(
    race: Race, vera: Shopper, store: Store, mug: Variant
) -> None:
    make.in_cart(vera, mug)

    answers = race(partial(make.order, vera, store), partial(make.order, vera, store, email="other@stagedoor.example"))

    assert sorted(type(answer).__name__ for answer in answers) == ["Order", "PaymentRunning"]
    (refused,) = (answer for answer in answers if isinstance(answer, PaymentRunning))
    assert refused.details["token"] == Order.objects.get().token
