"""Nothing leaves PAYING before Stripe says that the payment is dead, whoever else wants the piece."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from shop.accounts.models import Shopper
from shop.core import clock
from shop.orders.models import Order
from shop.payments import gateway
from shop.payments.models import Attempt
from shop.payments.seen import Status
from shop.payments.services import apply, call_off_pieces, give_up, lapse_old_orders, start_payment, talk
from shop.payments.states import AttemptState
from shop.stock.errors import BeingPaid, SoldOut
from shop.stock.models import Allotment, Hold, Piece
from shop.stock.services import end_allotment, free_due, let_go, take_back, write_off
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make
from tests.fakes import Sandbox

LONG_AGO, LONG = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sale(store: Store) -> Allotment:
    """The only piece."""
    return make.allotment(make.variant(make.product(store), stock=1), pieces=1)


@pytest.fixture
def order(vera: Shopper, sale: Allotment, store: Store) -> Order:
    """The piece, whose payment page is open, and whose every clock ran out."""
    make.hold(vera, sale)
    order = make.order(vera, store)
    attempt = make.attempt_of(order)
    apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.WAITING), at=clock.now())
    past = clock.now() - LONG_AGO
    Hold.objects.update(held_until=past, pay_until=past, kept_s=0)
    Attempt.objects.update(started_at=past, pay_until=past)
    return order


def state() -> PieceState:
    return PieceState(Piece.objects.get().state)


def sweep(order: Order) -> None:
    free_due()


def end_of_the_sale(order: Order) -> None:
    end_allotment(allotment_id=Piece.objects.get().allotment_id)


def let_it_go(order: Order) -> None:
    with pytest.raises(BeingPaid):
        let_go(hold_id=Hold.objects.get().pk, shopper=order.shopper)


def somebody_else(order: Order) -> None:
    with pytest.raises(SoldOut):
        make.hold(make.shopper(), Piece.objects.get().allotment)


def old_age(order: Order) -> None:
    assert lapse_old_orders(at=clock.now() + LONG) == 0


def giving_up(order: Order) -> None:
    give_up(order=order, at=clock.now())


def a_refund(order: Order) -> None:
    with transaction.atomic():
        assert take_back(piece_ids=[Piece.objects.get().pk]) == 0
        assert write_off(piece_ids=[Piece.objects.get().pk]) == 0


def a_cancelled_show(order: Order) -> None:
    with transaction.atomic():
        call_off_pieces(allotment_ids=[Piece.objects.get().allotment_id], at=clock.now())


def another_try_to_pay(order: Order) -> None:
    assert start_payment(order=order, at=clock.now()).pk == make.attempt_of(order).pk


WHOEVER = [
    sweep,
    end_of_the_sale,
    let_it_go,
    somebody_else,
    old_age,
    giving_up,
    a_refund,
    a_cancelled_show,
    another_try_to_pay,
]


@pytest.mark.parametrize("wants_it", WHOEVER)
def test_a_piece_that_is_being_paid_stays(order: Order, wants_it: Callable[[Order], None]) -> None:
    wants_it(order)

    assert state() == PieceState.PAYING
    assert make.attempt_of(order).is_live
    order.refresh_from_db()
    assert order.is_open


def test_it_stays_while_stripe_is_away_however_late_it_is(vera: Shopper, sale: Allotment, sandbox: Sandbox) -> None:
    make.hold(vera, sale)
    order = make.order(vera, sale.variant.product.store)
    opened = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    sandbox.break_next("rate_limited", "*", method="GET", count=99)

    silent = talk(attempt_id=opened.pk, at=clock.now() + LONG)

    assert silent.state == AttemptState.OPEN
    assert state() == PieceState.PAYING
    sandbox.heal()
    sandbox.pay(opened.url)
    assert talk(attempt_id=opened.pk, at=clock.now() + LONG).state == AttemptState.PAID
    assert state() == PieceState.SOLD


def test_a_key_that_may_not_ask_is_no_word_about_the_payment(
    vera: Shopper, sale: Allotment, sandbox: Sandbox, settings
) -> None:
    make.hold(vera, sale)
    order = make.order(vera, sale.variant.product.store)
    opened = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    right, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, "sk_test_of_somebody_else"

    assert talk(attempt_id=opened.pk, at=clock.now() + LONG).state == AttemptState.OPEN

    assert state() == PieceState.PAYING
    settings.STRIPE_SECRET_KEY = right
    assert talk(attempt_id=opened.pk, at=clock.now() + LONG).state == AttemptState.DEAD


def test_a_page_that_stripe_does_not_know_cannot_be_paid(vera: Shopper, sale: Allotment, sandbox: Sandbox) -> None:
    make.hold(vera, sale)
    order = make.order(vera, sale.variant.product.store)
    opened = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    Attempt.objects.update(session_id="cs_test_of_nobody")

    assert talk(attempt_id=opened.pk, at=clock.now()).decline_code == "resource_missing"

    assert state() == PieceState.HELD


def test_an_authorised_piece_stays_sold_until_stripe_says_what_became_of_it(
    vera: Shopper, sale: Allotment, sandbox: Sandbox
) -> None:
    make.hold(vera, sale)
    order = make.order(vera, sale.variant.product.store)
    opened = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    sandbox.pay(opened.url)
    apply(attempt_id=opened.pk, seen=gateway.read(opened.session_id), at=clock.now())
    sandbox.break_next("timeout_after", "/v1/payment_intents/*/capture", seconds=0, count=2)

    give_up(order=order, at=clock.now())
    silent = talk(attempt_id=opened.pk, at=clock.now())

    assert (silent.state, state()) == (AttemptState.AUTHORISED, PieceState.SOLD)
    assert talk(attempt_id=opened.pk, at=clock.now()).state == AttemptState.PAID
