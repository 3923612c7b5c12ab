"""One order and one payment, however often the button is pressed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shop.accounts.models import Address, Shopper
from shop.catalog.models import Variant
from shop.checkout.services import AddressNeeded, BadEmail, EmptyBasket, PaymentRunning, TotalChanged, check_out
from shop.core import clock
from shop.core.facts import Fact
from shop.core.money import Money
from shop.orders.models import Order
from shop.payments.models import Attempt
from shop.payments.seen import Status
from shop.payments.services import apply
from shop.payments.states import AttemptState
from shop.pricing.models import ShippingRate
from shop.pricing.quote import NoDelivery
from shop.stock.errors import HoldExpired, OutOfStock
from shop.stock.models import Allotment, Hold, Piece, StockLevel
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make


def buy(shopper: Shopper, store: Store, **said: Any) -> Order:
    """Check out as Vera would, with what is said otherwise."""
    form: dict[str, Any] = {
        "email": "vera@stagedoor.example",
        "address": make.address(),
        "key": uuid4(),
        "country": "DE",
        "at": clock.now(),
    }
    return check_out(shopper=shopper, store=store, **form | said)


def end_payment(order: Order) -> None:
    """Stripe says that the payment is dead."""
    attempt = order.attempts.latest("started_at")
    apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.DEAD), at=clock.now())


def nothing_moved(variant: Variant) -> bool:
    return (
        not Order.objects.exists()
        and not Attempt.objects.exists()
        and not Address.objects.exists()
        and StockLevel.objects.get(variant=variant).held == 0
        and not Piece.objects.filter(state=PieceState.PAYING).exists()
    )


def test_an_order_is_placed_and_its_payment_started(
    vera: Shopper, store: Store, mug: Variant, ebook: Variant, sale: Allotment
) -> None:
    make.in_cart(vera, mug, 2)
    make.in_cart(vera, ebook)
    make.hold(vera, sale)

    order = buy(vera, store)

    assert order.is_open
    assert order.total == Money(6390, "EUR")
    assert order.ship_to
    assert order.lines.count() == 3
    assert order.lines.get(piece__isnull=False).unit_price_minor == 1000
    attempt = make.attempt_of(order)
    assert (attempt.state, attempt.amount, attempt.captures_later) == (AttemptState.CREATED, order.total, True)
    assert attempt.pay_until - attempt.started_at == timedelta(minutes=5)
    assert Piece.objects.get(order_lines__order=order).state == PieceState.PAYING
    assert StockLevel.objects.get(variant=mug).held == 2
    assert Fact.objects.filter(kind="order.placed", subject=str(order.pk)).exists()


def test_an_order_without_pieces_is_captured_at_once(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)

    assert not make.attempt_of(buy(vera, store)).captures_later


def test_files_alone_need_no_address(vera: Shopper, store: Store, ebook: Variant) -> None:
    make.in_cart(vera, ebook)

    order = buy(vera, store, address=None, country="FR")

    assert (order.ship_to, order.country, order.shipping_minor) == (None, "FR", 0)


def test_the_same_form_is_the_same_order(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)
    key = uuid4()

    orders = {buy(vera, store, key=key).pk for _ in range(3)}

    assert len(orders) == 1
    assert Attempt.objects.count() == 1
    assert StockLevel.objects.get(variant=mug).held == 1


def test_the_same_form_is_the_same_order_even_after_it_was_paid(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)
    key = uuid4()
    order = make.pay(buy(vera, store, key=key))

    assert buy(vera, store, key=key) == order


def test_another_tab_with_the_same_basket_is_the_same_order(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)

    assert buy(vera, store) == buy(vera, store)
    assert Attempt.objects.count() == 1


def test_another_basket_waits_until_the_payment_is_over(
    vera: Shopper, store: Store, mug: Variant, ebook: Variant
) -> None:
    make.in_cart(vera, mug)
    first = buy(vera, store)
    make.in_cart(vera, ebook)

    with pytest.raises(PaymentRunning) as refused:
        buy(vera, store)
    assert refused.value.details["token"] == first.token

    end_payment(first)
    second = buy(vera, store)
    first.refresh_from_db()
    assert (first.state, second.total) == ("lapsed", Money(3390, "EUR"))
    assert StockLevel.objects.get(variant=mug).held == 1


@pytest.mark.parametrize("other", [{"email": "victor@stagedoor.example"}, {"address": make.address("AT")}])
def test_the_same_goods_for_somebody_else_are_another_basket(
    vera: Shopper, store: Store, mug: Variant, other: dict[str, Any]
) -> None:
    make.in_cart(vera, mug)
    buy(vera, store)

    with pytest.raises(PaymentRunning):
        buy(vera, store, **other)

    assert Order.objects.count() == 1


def test_two_browsers_of_a_person_make_one_order(store: Store, mug: Variant) -> None:
    person = make.user()
    phone, laptop = make.shopper(person), make.shopper(person)
    make.in_cart(phone, mug)

    assert buy(phone, store) == buy(laptop, store)


def test_orders_from_before_signing_in_make_way_together(store: Store, ebook: Variant) -> None:
    phone, laptop = make.shopper(), make.shopper()
    for shopper in (phone, laptop):
        make.in_cart(shopper, ebook)
        end_payment(buy(shopper, store))
    Shopper.objects.update(user=make.user())
    phone.refresh_from_db()

    order = buy(phone, store)

    assert list(Order.objects.filter(state="placed")) == [order]
    assert order.items == Money(1800, "EUR")


def test_another_store_is_another_order(vera: Shopper, store: Store, mug: Variant) -> None:
    other = make.variant(stock=1)
    make.rates(other.product.store)
    make.in_cart(vera, mug)
    make.in_cart(vera, other)

    first, second = buy(vera, store), buy(vera, other.product.store)

    assert [line.variant for line in first.lines.all()] == [mug]
    assert [line.variant for line in second.lines.all()] == [other]


def test_an_expired_hold_is_told_and_the_rest_of_the_cart_stands(
    vera: Shopper, store: Store, mug: Variant, sale: Allotment
) -> None:
    make.in_cart(vera, mug)
    make.hold(vera, sale)
    Hold.objects.update(held_until=clock.now() - timedelta(seconds=3))

    with pytest.raises(HoldExpired):
        buy(vera, store, expects=Money(3490, "EUR"))
    assert nothing_moved(mug)

    assert buy(vera, store, expects=Money(2490, "EUR")).lines.count() == 1


def test_a_hold_that_was_everything_is_told_too(vera: Shopper, store: Store, mug: Variant, sale: Allotment) -> None:
    make.hold(vera, sale)
    Hold.objects.update(held_until=clock.now() - timedelta(seconds=3))

    with pytest.raises(HoldExpired):
        buy(vera, store)

    assert nothing_moved(mug)


def test_a_price_that_changed_since_it_was_seen_is_told(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)
    make.offer(mug, 1500)

    with pytest.raises(TotalChanged) as refused:
        buy(vera, store, expects=Money(2490, "EUR"))

    assert refused.value.details["now_minor"] == 1990
    assert nothing_moved(mug)


def test_an_empty_basket_is_no_order(vera: Shopper, store: Store, mug: Variant) -> None:
    with pytest.raises(EmptyBasket):
        buy(vera, store)

    assert nothing_moved(mug)


@pytest.mark.parametrize("email", ["", "vera", "vera@", "a b@c.de"])
def test_no_order_without_an_address_to_write_to(vera: Shopper, store: Store, mug: Variant, email: str) -> None:
    make.in_cart(vera, mug)

    with pytest.raises(BadEmail) as refused:
        buy(vera, store, email=email)

    assert refused.value.details["field"] == "email"
    assert nothing_moved(mug)


def test_no_order_of_goods_without_a_place_to_send_them(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)

    with pytest.raises(AddressNeeded):
        buy(vera, store, address=None)

    assert nothing_moved(mug)


def test_no_order_to_where_nothing_is_sent(vera: Shopper, store: Store, mug: Variant) -> None:
    ShippingRate.objects.update(country="DE")
    make.in_cart(vera, mug)

    with pytest.raises(NoDelivery):
        buy(vera, store, address=make.address("FR"))

    assert nothing_moved(mug)


def test_no_order_of_more_than_there_is(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug, 6)

    with pytest.raises(OutOfStock) as refused:
        buy(vera, store)

    assert refused.value.details["left"] == 5
    assert nothing_moved(mug)


def test_a_price_on_a_held_piece_outlives_the_sale(vera: Shopper, store: Store, sale: Allotment) -> None:
    make.hold(vera, sale)
    Allotment.objects.update(closes_at=clock.now())

    assert buy(vera, store).items == Money(1000, "EUR")


def test_a_key_of_somebody_else_is_a_key_of_ones_own(
    vera: Shopper, victor: Shopper, store: Store, mug: Variant
) -> None:
    key = UUID(int=7)
    make.in_cart(vera, mug)
    make.in_cart(victor, mug)

    assert buy(vera, store, key=key) != buy(victor, store, key=key)
