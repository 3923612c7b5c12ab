"""The life of a payment at Stripe, from the first question to the money or the end of it."""

from datetime import datetime, timedelta

import pytest

from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.facts import Fact
from shop.core.money import Money
from shop.ledger.queries import balance
from shop.orders.models import Order
from shop.payments import gateway
from shop.payments.models import Attempt
from shop.payments.queries import attempts_to_look_at, progress
from shop.payments.services import apply, give_up, start_payment, talk
from shop.payments.states import AttemptState
from shop.stock.models import Hold, Piece, StockLevel
from shop.stock.queries import counts_of
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make
from tests.fakes import ASKS_THE_BANK, DECLINED, Sandbox


@pytest.fixture
def order_of_a_piece(vera: Shopper, store: Store) -> Order:
    """One numbered piece, held and checked out."""
    sale = make.allotment(make.variant(make.product(store), stock=3), pieces=3)
    make.hold(vera, sale)
    return make.order(vera, store)


@pytest.fixture
def order_of_a_mug(vera: Shopper, store: Store) -> Order:
    """Two of five mugs, from the cart."""
    make.in_cart(vera, make.variant(make.product(store), price_minor=2000, stock=5), 2)
    return make.order(vera, store)


def speak(order: Order, *, at: datetime | None = None) -> Attempt:
    """One conversation about the order's newest attempt."""
    attempt = order.attempts.latest("started_at")
    return talk(attempt_id=attempt.pk, at=at or clock.now())


def piece_of(order: Order) -> Piece:
    return Piece.objects.get(order_lines__order=order)


def is_paid(order: Order) -> bool:
    order.refresh_from_db()
    return order.is_paid


def test_a_piece_is_authorised_then_sold_then_captured(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    opened = speak(order_of_a_piece)
    assert opened.state == AttemptState.OPEN
    assert piece_of(order_of_a_piece).state == PieceState.PAYING

    back = sandbox.pay(opened.url)
    paid = speak(order_of_a_piece)

    assert order_of_a_piece.token in back
    assert paid.state == AttemptState.PAID
    assert paid.fingerprint
    assert is_paid(order_of_a_piece)
    assert piece_of(order_of_a_piece).state == PieceState.SOLD
    assert balance("stripe", "EUR") == Money(1490, "EUR")


def test_an_order_without_pieces_is_charged_at_once(order_of_a_mug: Order, sandbox: Sandbox) -> None:
    sandbox.pay(speak(order_of_a_mug).url)

    assert speak(order_of_a_mug).state == AttemptState.PAID
    assert is_paid(order_of_a_mug)
    assert StockLevel.objects.get().on_hand == 3


def test_a_declined_card_may_be_followed_by_a_good_one(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    url = speak(order_of_a_piece).url
    sandbox.pay(url, card=DECLINED)

    told = speak(order_of_a_piece)
    assert (told.state, told.decline_code) == (AttemptState.OPEN, "generic_decline")
    assert piece_of(order_of_a_piece).state == PieceState.PAYING

    sandbox.pay(url)
    assert speak(order_of_a_piece).state == AttemptState.PAID


def test_the_bank_may_ask_and_agree(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    bank = sandbox.pay(speak(order_of_a_piece).url, card=ASKS_THE_BANK)
    assert speak(order_of_a_piece).state == AttemptState.OPEN

    sandbox.answer_bank(bank, outcome="complete")

    assert speak(order_of_a_piece).state == AttemptState.PAID


def test_a_failed_question_of_the_bank_leaves_the_page_open(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    bank = sandbox.pay(speak(order_of_a_piece).url, card=ASKS_THE_BANK)

    sandbox.answer_bank(bank, outcome="fail")

    told = speak(order_of_a_piece)
    assert (told.state, told.decline_code) == (AttemptState.OPEN, "payment_intent_authentication_failure")


def test_an_abandoned_page_is_closed_at_its_time_and_the_piece_keeps_its_seconds(
    order_of_a_piece: Order, sandbox: Sandbox
) -> None:
    url, late = speak(order_of_a_piece).url, clock.now() + timedelta(minutes=5, seconds=1)
    assert [one.order for one in attempts_to_look_at(late)] == [order_of_a_piece]

    ended = speak(order_of_a_piece, at=late)

    assert ended.state == AttemptState.DEAD
    assert piece_of(order_of_a_piece).state == PieceState.HELD
    assert Hold.objects.get().held_until > clock.now() + timedelta(seconds=100)
    assert progress(order_of_a_piece, at=late).stage == "failed"
    with pytest.raises(Exception, match="410"):
        sandbox.pay(url)


def test_an_abandoned_cart_gives_its_stock_back(order_of_a_mug: Order, sandbox: Sandbox) -> None:
    speak(order_of_a_mug)
    assert StockLevel.objects.get().held == 2

    speak(order_of_a_mug, at=clock.now() + timedelta(minutes=6))

    assert StockLevel.objects.get().held == 0
    assert not is_paid(order_of_a_mug)
    assert order_of_a_mug.shopper.cart_lines.count() == 1


def test_giving_up_ends_the_payment_and_another_may_follow(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    speak(order_of_a_piece)

    give_up(order=order_of_a_piece, at=clock.now())
    assert piece_of(order_of_a_piece).state == PieceState.PAYING
    assert speak(order_of_a_piece).state == AttemptState.DEAD

    again = start_payment(order=order_of_a_piece, at=clock.now())
    sandbox.pay(talk(attempt_id=again.pk, at=clock.now()).url)
    assert talk(attempt_id=again.pk, at=clock.now()).state == AttemptState.PAID
    assert is_paid(order_of_a_piece)


def test_who_pays_while_giving_up_has_paid(order_of_a_mug: Order, sandbox: Sandbox) -> None:
    url = speak(order_of_a_mug).url
    give_up(order=order_of_a_mug, at=clock.now())

    sandbox.pay(url)

    assert speak(order_of_a_mug).state == AttemptState.PAID
    assert is_paid(order_of_a_mug)


def test_a_page_that_stripe_made_without_telling_is_found_again(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    sandbox.break_next("error_after", "/v1/checkout/sessions")

    silent = speak(order_of_a_piece)
    assert (silent.state, silent.tries) == (AttemptState.CREATED, 1)
    found = speak(order_of_a_piece)

    assert found.state == AttemptState.OPEN
    assert found.tries == 0
    sandbox.pay(found.url)
    assert speak(order_of_a_piece).state == AttemptState.PAID


def test_a_page_that_nobody_could_open_ends_in_time_and_frees_the_piece(
    order_of_a_piece: Order, sandbox: Sandbox
) -> None:
    sandbox.break_next("rate_limited", "/v1/checkout/sessions", count=10)
    assert speak(order_of_a_piece).state == AttemptState.CREATED
    sandbox.heal()

    ended = speak(order_of_a_piece, at=clock.now() + timedelta(minutes=11))

    assert ended.state == AttemptState.DEAD
    assert piece_of(order_of_a_piece).state == PieceState.HELD


def test_a_page_opened_without_telling_is_closed_when_it_is_found_too_late(
    order_of_a_piece: Order, sandbox: Sandbox
) -> None:
    sandbox.break_next("error_after", "/v1/checkout/sessions")
    speak(order_of_a_piece)

    ended = speak(order_of_a_piece, at=clock.now() + timedelta(minutes=11))

    assert ended.state == AttemptState.DEAD
    assert ended.session_id
    assert len(sandbox.events("checkout.session.expired")) >= 1


def test_a_lost_answer_to_the_capture_charges_once(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    sandbox.pay(speak(order_of_a_piece).url)
    sandbox.break_next("error_after", "/v1/payment_intents/*/capture")

    between = speak(order_of_a_piece)
    assert between.state == AttemptState.AUTHORISED
    assert piece_of(order_of_a_piece).state == PieceState.SOLD
    assert not is_paid(order_of_a_piece)

    assert speak(order_of_a_piece).state == AttemptState.PAID
    assert balance("stripe", "EUR") == Money(1490, "EUR")


def test_an_error_that_stripe_remembers_does_not_stop_the_capture(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    opened = speak(order_of_a_piece)
    sandbox.pay(opened.url, card=DECLINED)
    gateway.capture(speak(order_of_a_piece))
    sandbox.pay(opened.url)

    assert speak(order_of_a_piece).state == AttemptState.PAID


def test_a_worker_that_dies_before_the_capture_is_followed_by_the_sweep(
    order_of_a_piece: Order, sandbox: Sandbox
) -> None:
    opened = speak(order_of_a_piece)
    sandbox.pay(opened.url)
    apply(attempt_id=opened.pk, seen=gateway.read(opened.session_id), at=clock.now())

    (due,) = attempts_to_look_at(clock.now() + timedelta(seconds=5))
    talk(attempt_id=due.pk, at=clock.now())

    assert is_paid(order_of_a_piece)
    assert not attempts_to_look_at(clock.now() + timedelta(days=1)).exists()


def test_money_for_another_amount_is_never_kept(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    sandbox.pay(speak(order_of_a_piece).url)
    Attempt.objects.update(amount_minor=1)

    ended = speak(order_of_a_piece)

    assert ended.state == AttemptState.DEAD
    assert piece_of(order_of_a_piece).state == PieceState.HELD
    assert len(sandbox.events("payment_intent.canceled")) >= 1
    assert balance("stripe", "EUR") == Money(0, "EUR")


def test_money_that_somebody_took_only_in_part_goes_back(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    opened = speak(order_of_a_piece)
    sandbox.pay(opened.url)
    sold = apply(attempt_id=opened.pk, seen=gateway.read(opened.session_id), at=clock.now())
    sandbox.capture(sold.intent_id, amount_minor=100)

    ended = speak(order_of_a_piece)

    assert ended.state == AttemptState.DEAD
    assert piece_of(order_of_a_piece).state == PieceState.FREE
    assert not is_paid(order_of_a_piece)
    assert balance("stripe", "EUR") == Money(0, "EUR")


def test_an_order_of_more_lines_than_stripe_takes_is_paid_as_one(vera: Shopper, store: Store, sandbox: Sandbox) -> None:
    print_of_many = make.variant(make.product(store), weight_g=10, stock=101)
    make.hold(vera, make.allotment(print_of_many, pieces=101, per_person=101), 101)
    order = make.order(vera, store)

    sandbox.pay(speak(order).url)

    assert speak(order).state == AttemptState.PAID
    assert balance("stripe", "EUR") == Money(101_490, "EUR")


def test_money_that_was_charged_for_another_amount_goes_back(order_of_a_mug: Order, sandbox: Sandbox) -> None:
    sandbox.pay(speak(order_of_a_mug).url)
    Attempt.objects.update(amount_minor=1)

    ended = speak(order_of_a_mug)

    assert ended.state == AttemptState.DEAD
    assert not is_paid(order_of_a_mug)
    (refund, *_) = sandbox.events("charge.refunded")
    assert refund["data"]["object"]["payment_intent"] == ended.intent_id


def test_money_that_comes_for_a_dead_attempt_goes_back(order_of_a_mug: Order, sandbox: Sandbox) -> None:
    sandbox.pay(speak(order_of_a_mug).url)
    Attempt.objects.update(state=AttemptState.DEAD)

    attempt = speak(order_of_a_mug)

    (back, *_) = sandbox.events("charge.refunded")
    assert back["data"]["object"]["payment_intent"] == attempt.intent_id
    assert not is_paid(order_of_a_mug)


def test_money_authorised_for_a_dead_attempt_is_let_go(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    sandbox.pay(speak(order_of_a_piece).url)
    Attempt.objects.update(state=AttemptState.DEAD)

    attempt = speak(order_of_a_piece)

    (voided, *_) = sandbox.events("payment_intent.canceled")
    assert voided["data"]["object"]["id"] == attempt.intent_id
    assert not is_paid(order_of_a_piece)


def test_pieces_that_are_gone_are_not_paid_for(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    sandbox.pay(speak(order_of_a_piece).url)
    Piece.objects.update(state=PieceState.FREE, hold=None)
    Hold.objects.update(pay_until=None, kept_s=None, ended_at=clock.now(), ending="expired")

    ended = speak(order_of_a_piece)

    assert ended.state == AttemptState.DEAD
    order_of_a_piece.refresh_from_db()
    assert order_of_a_piece.state == "lapsed"
    assert counts_of([Piece.objects.first().allotment_id])  # type: ignore[union-attr]


def test_stripe_away_moves_nothing_and_is_asked_less_and_less(order_of_a_piece: Order, sandbox: Sandbox) -> None:
    speak(order_of_a_piece)
    start = clock.now()
    sandbox.break_next("rate_limited", "/v1/checkout/sessions/*", method="GET", count=30)

    for _ in range(3):
        speak(order_of_a_piece, at=start)

    attempt = make.attempt_of(order_of_a_piece)
    assert (attempt.state, attempt.tries) == (AttemptState.OPEN, 3)
    assert not attempts_to_look_at(start + timedelta(seconds=7)).filter(tries=3, end_asked_at=None).exists()
    assert Fact.objects.filter(kind="order.paid").count() == 0


def test_what_costs_too_little_for_stripe_ends_with_the_reason(vera: Shopper, store: Store, sandbox: Sandbox) -> None:
    make.in_cart(vera, make.variant(make.product(store), price_minor=10, is_digital=True))
    order = make.order(vera, store)

    ended = speak(order)

    assert (ended.state, ended.decline_code) == (AttemptState.DEAD, "amount_too_small")


def test_what_costs_nothing_is_paid_without_stripe(vera: Shopper, store: Store) -> None:
    make.in_cart(vera, make.variant(make.product(store), price_minor=0, is_digital=True))

    order = make.order(vera, store)

    assert is_paid(order)
    assert make.attempt_of(order).state == AttemptState.PAID
    assert balance("stripe", "EUR") == Money(0, "EUR")
