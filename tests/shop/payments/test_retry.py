"""After the bank said no: a little time for another card, once, or letting it go."""

from datetime import timedelta

import pytest
from django.test import Client

from shop.accounts.models import Shopper
from shop.core import clock
from shop.orders.models import Order
from shop.payments.models import Attempt
from shop.payments.seen import Status
from shop.payments.services import NotPayable, apply, give_up, start_payment, talk
from shop.payments.states import AttemptState
from shop.stock.models import Allotment, Hold, Piece
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make
from tests.fakes import DECLINED, Sandbox

NO = "insufficient_funds"


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


def told(order: Order, status: Status, *, decline_code: str = "") -> Attempt:
    attempt = order.attempts.latest("started_at")
    seen = make.seen(attempt, status, decline_code=decline_code)
    return apply(attempt_id=attempt.pk, seen=seen, at=clock.now())


def seconds_left_were(order: Order, seconds: float) -> None:
    Hold.objects.filter(order_lines__order=order).update(kept_s=seconds)


def seconds_left(order: Order) -> float:
    hold = Hold.objects.get(order_lines__order=order)
    return 0 if hold.ended_at else (hold.held_until - clock.database_now()).total_seconds()


def piece(order: Order) -> Piece:
    return Piece.objects.get(number=1)


@pytest.mark.parametrize(("left", "least", "most"), [(0, 55, 60), (3, 55, 60), (100, 95, 100)])
def test_who_was_declined_has_a_minute_at_least(order: Order, left: float, least: float, most: float) -> None:
    seconds_left_were(order, left)

    told(order, Status.DEAD, decline_code=NO)

    assert least < seconds_left(order) <= most
    order.refresh_from_db()
    assert order.is_open


def test_the_minute_is_given_once(order: Order) -> None:
    seconds_left_were(order, 3)
    told(order, Status.DEAD, decline_code=NO)
    start_payment(order=order, at=clock.now())
    seconds_left_were(order, 4)

    told(order, Status.DEAD, decline_code=NO)

    assert 0 < seconds_left(order) <= 4


def test_who_had_time_enough_still_has_the_minute_to_come(order: Order) -> None:
    seconds_left_were(order, 100)
    told(order, Status.DEAD, decline_code=NO)
    start_payment(order=order, at=clock.now())
    seconds_left_were(order, 4)

    told(order, Status.DEAD, decline_code=NO)

    assert 55 < seconds_left(order) <= 60


def test_who_was_not_declined_gets_no_more_time(order: Order) -> None:
    seconds_left_were(order, 3)

    told(order, Status.DEAD)

    assert 0 < seconds_left(order) <= 3


def test_who_gave_up_gets_no_more_time(order: Order) -> None:
    seconds_left_were(order, 3)
    give_up(order=order, at=clock.now())

    told(order, Status.DEAD, decline_code=NO)

    assert 0 < seconds_left(order) <= 3


def test_a_refusal_of_stripe_itself_is_not_the_banks(vera: Shopper, store: Store, sandbox: Sandbox) -> None:
    cheap = make.allotment(make.variant(make.product(store), stock=1), pieces=1, price_minor=1)
    make.hold(vera, cheap)
    order = make.order(vera, store)
    Attempt.objects.update(amount_minor=1)
    order.lines.update(unit_price_minor=1)
    type(order).objects.update(shipping_minor=0, total_minor=1, items_minor=1)
    seconds_left_were(order, 3)

    ended = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())

    assert (ended.state, ended.decline_code) == (AttemptState.DEAD, "amount_too_small")
    assert 0 < seconds_left(order) <= 3


def test_the_page_counts_the_minute_and_offers_another_card_or_letting_go(
    client: Client, order: Order, sandbox: Sandbox
) -> None:
    opened = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    sandbox.pay(opened.url, card=DECLINED)
    seconds_left_were(order, 2)

    ended = talk(attempt_id=opened.pk, at=clock.now() + timedelta(minutes=6))

    assert (ended.state, ended.decline_code) == (AttemptState.DEAD, "generic_decline")
    page = client.get(f"/orders/{order.token}/").content.decode()
    assert "The bank declined the card. Nothing was charged; another card may work." in page
    assert "with another card" in page
    assert "Let it go" in page
    assert "Your pieces are kept for you until the clock runs out:" in page
    assert "data-clock" in page


def test_letting_go_after_the_payment_ended_frees_the_pieces_and_closes_the_order(order: Order) -> None:
    told(order, Status.DEAD, decline_code=NO)

    give_up(order=order, at=clock.now())

    order.refresh_from_db()
    assert order.state == "lapsed"
    assert piece(order).state == PieceState.FREE
    assert Hold.objects.get().ending == "let_go"
    with pytest.raises(NotPayable):
        start_payment(order=order, at=clock.now())


def test_letting_go_twice_during_a_payment_only_asks_for_its_end(order: Order) -> None:
    told(order, Status.WAITING)

    for _ in range(2):
        give_up(order=order, at=clock.now())

    order.refresh_from_db()
    assert order.is_open
    assert piece(order).state == PieceState.PAYING
    assert order.attempts.get().is_live


def test_a_paid_order_is_not_let_go(order: Order) -> None:
    told(order, Status.PAID)

    give_up(order=order, at=clock.now())

    order.refresh_from_db()
    assert order.is_paid
    assert piece(order).state == PieceState.SOLD


def test_the_page_offers_letting_go_while_it_is_waited_for(client: Client, order: Order) -> None:
    page = client.get(f"/orders/{order.token}/pay/").content.decode()

    assert "Opening the payment page …" in page
    assert "Your time to pay starts when the page opens." in page
    assert f'action="/orders/{order.token}/give-up/"' in page
