"""What Stripe says becomes rows, once, whatever it says first."""

from datetime import timedelta

import pytest

from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.facts import Fact
from shop.core.money import Money
from shop.ledger.queries import balance
from shop.orders.models import Order
from shop.payments.models import Attempt
from shop.payments.queries import attempts_to_look_at, progress
from shop.payments.seen import Status
from shop.payments.services import NotPayable, apply, give_up, lapse_old_orders, start_payment
from shop.payments.states import AttemptState
from shop.stock.errors import HoldExpired
from shop.stock.models import Allotment, Hold, Piece, StockLevel
from shop.stock.services import free_due
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make


@pytest.fixture
def sale(store: Store) -> Allotment:
    """Three pieces at 10 euros."""
    return make.allotment(make.variant(make.product(store), stock=3), pieces=3)


@pytest.fixture
def order(vera: Shopper, store: Store, sale: Allotment) -> Order:
    """One of the pieces, and two of five mugs from the cart."""
    make.hold(vera, sale)
    make.in_cart(vera, make.variant(make.product(store), price_minor=2000, stock=5), 2)
    return make.order(vera, store)


def told(order: Order, status: Status, *, amount_minor: int | None = None) -> Attempt:
    attempt = order.attempts.latest("started_at")
    return apply(attempt_id=attempt.pk, seen=make.seen(attempt, status, amount_minor=amount_minor), at=clock.now())


def mugs(order: Order) -> StockLevel:
    return StockLevel.objects.get(variant=order.lines.get(piece=None).variant)


def piece(order: Order) -> Piece:
    return Piece.objects.get(order_lines__order=order)


def forget_the_rest_of_the_hold(order: Order) -> None:
    Hold.objects.filter(order_lines__order=order).update(kept_s=0)


def test_a_payment_sells_pieces_and_stock_once_however_often_it_is_told(order: Order, store: Store) -> None:
    for status in (Status.WAITING, Status.AUTHORISED, Status.AUTHORISED, Status.PAID, Status.PAID, Status.DEAD):
        told(order, status)

    order.refresh_from_db()
    assert order.is_paid
    assert piece(order).state == PieceState.SOLD
    assert (mugs(order).on_hand, mugs(order).held) == (3, 0)
    assert balance("stripe", "EUR") == Money(5490, "EUR")
    assert balance(f"store:{store.pk}:sales", "EUR") == Money(-5000, "EUR")
    assert balance(f"store:{store.pk}:shipping", "EUR") == Money(-490, "EUR")
    assert Fact.objects.filter(kind="order.paid", subject=str(order.pk)).count() == 1


def test_money_that_was_captured_before_we_looked_is_taken_all_the_same(order: Order) -> None:
    told(order, Status.PAID)

    order.refresh_from_db()
    assert order.is_paid
    assert piece(order).state == PieceState.SOLD


def test_what_was_bought_leaves_the_cart_and_what_came_later_stays(vera: Shopper, order: Order) -> None:
    mug = order.lines.get(piece=None).variant
    make.in_cart(vera, mug, 1)
    assert vera.cart_lines.get().quantity == 3

    told(order, Status.PAID)

    assert vera.cart_lines.get().quantity == 1


def test_a_dead_payment_gives_back_the_seconds_and_the_stock(order: Order) -> None:
    told(order, Status.WAITING)

    told(order, Status.DEAD)

    order.refresh_from_db()
    assert order.is_open
    assert piece(order).state == PieceState.HELD
    assert mugs(order).held == 0


def test_a_dead_payment_whose_hold_has_no_seconds_left_frees_the_piece_and_lapses_the_order(order: Order) -> None:
    forget_the_rest_of_the_hold(order)

    told(order, Status.DEAD)

    order.refresh_from_db()
    assert order.state == "lapsed"
    assert piece(order).state == PieceState.FREE
    assert Fact.objects.filter(kind="order.lapsed").count() == 1


def test_an_authorisation_that_vanishes_takes_everything_back(order: Order) -> None:
    told(order, Status.AUTHORISED)
    assert (piece(order).state, mugs(order).on_hand) == (PieceState.SOLD, 3)

    told(order, Status.DEAD)

    order.refresh_from_db()
    assert order.state == "lapsed"
    assert piece(order).state == PieceState.FREE
    assert (mugs(order).on_hand, mugs(order).held) == (5, 0)
    assert balance("stripe", "EUR") == Money(0, "EUR")


@pytest.mark.parametrize("status", [Status.AUTHORISED, Status.PAID])
def test_another_amount_sells_nothing(order: Order, status: Status) -> None:
    left = told(order, status, amount_minor=order.total_minor - 1)

    assert left.state == AttemptState.OPEN
    assert piece(order).state == PieceState.PAYING
    assert (mugs(order).on_hand, mugs(order).held) == (5, 2)
    assert not Fact.objects.filter(kind="order.paid").exists()


def test_a_piece_that_is_gone_leaves_the_stock_unsold_too(order: Order) -> None:
    Hold.objects.update(pay_until=None, kept_s=None, ended_at=clock.now(), ending="expired")

    left = told(order, Status.AUTHORISED)

    assert left.state == AttemptState.OPEN
    assert (mugs(order).on_hand, mugs(order).held) == (5, 2)


def test_the_clock_never_takes_a_piece_that_is_being_paid(order: Order) -> None:
    Hold.objects.update(held_until=clock.now() - timedelta(hours=1))

    free_due()

    assert piece(order).state == PieceState.PAYING


def test_a_second_payment_is_the_first_while_that_one_lives(order: Order) -> None:
    assert start_payment(order=order, at=clock.now()).pk == order.attempts.get().pk


def test_an_order_may_be_paid_again_after_a_dead_attempt(order: Order) -> None:
    told(order, Status.DEAD)

    again = start_payment(order=order, at=clock.now())

    assert again.state == AttemptState.CREATED
    assert piece(order).state == PieceState.PAYING
    assert mugs(order).held == 2


def test_a_paid_order_is_not_paid_again(order: Order) -> None:
    told(order, Status.PAID)

    with pytest.raises(NotPayable):
        start_payment(order=order, at=clock.now())


def test_a_hold_that_ran_out_meanwhile_cannot_be_paid_any_more(order: Order) -> None:
    told(order, Status.DEAD)
    Hold.objects.update(held_until=clock.now() - timedelta(seconds=3))

    with pytest.raises(HoldExpired):
        start_payment(order=order, at=clock.now())

    assert order.attempts.count() == 1
    assert mugs(order).held == 0


def test_an_order_lapses_when_its_hold_ran_out_or_nobody_came_back(order: Order, victor: Shopper) -> None:
    told(order, Status.DEAD)
    assert lapse_old_orders(at=clock.now()) == 0

    Hold.objects.update(held_until=clock.now() - timedelta(seconds=3))
    free_due()

    assert lapse_old_orders(at=clock.now()) == 1
    order.refresh_from_db()
    assert order.state == "lapsed"


def test_an_order_that_is_being_paid_never_lapses(order: Order) -> None:
    assert lapse_old_orders(at=clock.now() + timedelta(days=1)) == 0


def test_progress_says_where_the_payment_is(order: Order) -> None:
    now = clock.now()
    assert progress(order, at=now).stage == "starting"

    told(order, Status.WAITING)
    page = progress(order, at=now)
    assert (page.stage, page.url) == ("open", order.attempts.get().url)

    give_up(order=order, at=now)
    assert progress(order, at=now).stage == "ending"
    assert attempts_to_look_at(now).exists()

    told(order, Status.AUTHORISED)
    assert progress(order, at=now).stage == "confirming"

    told(order, Status.PAID)
    order.refresh_from_db()
    assert progress(order, at=now).stage == "paid"
    assert progress(order, at=now).is_final
