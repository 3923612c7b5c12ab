"""Orders are frozen, and seen by whom they concern."""

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.accounts.models import Shopper
from shop.core.facts import Fact
from shop.orders.models import Order
from shop.orders.queries import find_orders, open_order, order_by_token, order_of, orders_of
from shop.orders.states import OrderState
from shop.stores.models import Store
from tests import make


@pytest.fixture
def store(db: None) -> Store:
    """A store that sends anywhere."""
    made = make.store()
    make.rates(made)
    return made


def test_an_order_keeps_what_was_agreed_whatever_the_shop_says_later(vera: Shopper, store: Store) -> None:
    mug = make.variant(make.product(store, "Mug"), price_minor=2000, stock=5, options=["Blue"])
    make.in_cart(vera, mug, 2)
    order = make.order(vera, store)

    mug.price_minor, mug.weight_g, mug.product.title = 9999, 1, "Cup"
    mug.save()
    mug.product.save()

    line = order.lines.get()
    assert (line.title, line.variant_title, line.weight_g) == ("Mug", "Blue", 300)
    assert (order.items_minor, order.shipping_minor, order.total_minor) == (4000, 490, 4490)
    assert line.total.amount_minor == 4000
    assert line.tax_minor < order.tax_minor
    assert Fact.objects.get(kind="order.placed").numbers == {"store": store.pk, "total_minor": 4490}


def test_an_order_is_found_by_its_secret_only(vera: Shopper, store: Store) -> None:
    order = make.paid_order(vera, (make.variant(make.product(store), stock=1), 1))

    assert order_by_token(order.token) == order
    for guess in ("", order.token[:-1], order.number, order.token.swapcase()):
        with pytest.raises(Order.DoesNotExist):
            order_by_token(guess)


def test_a_person_sees_the_orders_of_all_browsers_and_nobody_elses(store: Store, victor: Shopper) -> None:
    person = make.user()
    phone, laptop = make.shopper(person), make.shopper(person)
    order = make.paid_order(phone, (make.variant(make.product(store), stock=1), 1))

    assert list(orders_of(laptop)) == [order]
    assert order_of(shopper=laptop, number=order.number) == order
    assert list(orders_of(victor)) == []
    with pytest.raises(Order.DoesNotExist):
        order_of(shopper=victor, number=order.number)


def test_an_order_that_waits_for_its_payment_is_open_and_a_paid_one_is_not(vera: Shopper, store: Store) -> None:
    make.in_cart(vera, make.variant(make.product(store), stock=1))
    order = make.order(vera, store)
    assert open_order(vera, store) == order

    make.pay(order)

    assert open_order(vera, store) is None


def test_orders_that_lapsed_are_not_listed(vera: Shopper, store: Store) -> None:
    order = make.paid_order(vera, (make.variant(make.product(store), stock=1), 1))
    Order.objects.filter(pk=order.pk).update(state=OrderState.LAPSED)

    assert list(orders_of(vera)) == []


def test_find_my_order_knows_paid_orders_by_address_in_any_case(vera: Shopper, store: Store) -> None:
    paid = make.paid_order(vera, (make.variant(make.product(store), stock=1), 1))
    make.in_cart(vera, make.variant(make.product(store), stock=1))
    make.order(vera, store)

    assert list(find_orders(" VERA@stagedoor.example ")) == [paid]
    assert list(find_orders("victor@stagedoor.example")) == []


def test_a_list_of_orders_costs_the_same_queries_however_long(
    vera: Shopper, store: Store, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make.paid_order(vera, (make.variant(make.product(store), stock=1), 1))

    with django_assert_num_queries(5):
        for order in orders_of(vera):
            assert [(line.variant.product.title, line.piece) for line in order.lines.all()]
            assert order.ship_to
            assert order.ship_to.lines
