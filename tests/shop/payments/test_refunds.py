"""Money goes back by line, once, and the goods go where the person who refunds says."""

from datetime import timedelta

import pytest
from django.db import transaction

from shop.accounts.models import Shopper, User
from shop.core import clock
from shop.core.facts import Fact
from shop.core.money import Money
from shop.ledger.queries import balance
from shop.orders.models import Order, OrderLine
from shop.orders.services import TooMany
from shop.payments.models import Refund
from shop.payments.queries import progress, refunds_owed
from shop.payments.services import (
    NothingToRefund,
    NotPaid,
    StillPaying,
    ask_again,
    call_off_pieces,
    cancel_order,
    refund,
    refund_called_off,
    send_refund,
    talk,
)
from shop.payments.states import RefundState
from shop.stock.models import Allotment, Piece
from shop.stock.services import end_allotment
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make
from tests.fakes import GOOD, REFUND_FAILS, REFUNDS_LATER, Sandbox


@pytest.fixture
def three_mugs(vera: Shopper, store: Store) -> Order:
    """Three mugs at 20 euros each, paid with 4.90 for the parcel."""
    return make.paid_order(vera, (make.variant(make.product(store), price_minor=2000, stock=10), 3))


@pytest.fixture
def sale(store: Store) -> Allotment:
    """Three pieces at 10 euros."""
    return make.allotment(make.variant(make.product(store), stock=3), pieces=3)


@pytest.fixture
def piece_order(vera: Shopper, store: Store, sale: Allotment) -> Order:
    """A piece and an e-book, paid."""
    make.hold(vera, sale)
    return make.paid_order(vera, (make.variant(make.product(store), price_minor=500, is_digital=True), 1))


def take_back(order: Order, quantity: int, *, comes_back: bool = True, with_shipping: bool = False) -> Refund:
    """So many units of the order's first line."""
    line = order.lines.earliest("pk")
    return refund(
        order=order,
        lines={line.pk: quantity},
        comes_back=comes_back,
        with_shipping=with_shipping,
        by=None,
        reason="Too small",
        at=clock.now(),
    )


def line_of_piece(order: Order) -> OrderLine:
    return order.lines.get(piece__isnull=False)


def test_a_part_goes_back_with_its_price_and_its_unit(three_mugs: Order) -> None:
    made = take_back(three_mugs, 1)

    assert made.amount == Money(2000, "EUR")
    assert make.on_hand(three_mugs.lines.get().variant) == 8
    assert three_mugs.lines.get().kept_quantity == 2
    three_mugs.refresh_from_db()
    assert three_mugs.is_paid


def test_what_does_not_come_back_stays_away(three_mugs: Order) -> None:
    take_back(three_mugs, 1, comes_back=False)

    assert make.on_hand(three_mugs.lines.get().variant) == 7


def test_shipping_goes_back_with_the_last_unit_and_the_order_is_cancelled(three_mugs: Order) -> None:
    first, last = take_back(three_mugs, 2), take_back(three_mugs, 1)

    assert (first.shipping_minor, last.shipping_minor) == (0, 490)
    assert last.amount == Money(2490, "EUR")
    three_mugs.refresh_from_db()
    assert three_mugs.state == "cancelled"
    assert Fact.objects.filter(kind="order.cancelled").count() == 1


def test_shipping_goes_back_once(three_mugs: Order) -> None:
    first, last = take_back(three_mugs, 1, with_shipping=True), take_back(three_mugs, 2, with_shipping=True)

    assert (first.shipping_minor, last.shipping_minor) == (490, 0)


@pytest.mark.parametrize("quantity", [4, 0, -1, 10**9])
def test_no_more_goes_back_than_was_bought(three_mugs: Order, quantity: int) -> None:
    with pytest.raises(TooMany):
        take_back(three_mugs, quantity)

    assert not Refund.objects.exists()
    assert make.on_hand(three_mugs.lines.get().variant) == 7


def test_a_line_of_another_order_is_refused(three_mugs: Order, piece_order: Order) -> None:
    foreign = piece_order.lines.earliest("pk")

    with pytest.raises(TooMany):
        refund(
            order=three_mugs, lines={foreign.pk: 1}, comes_back=True, with_shipping=False, by=None, reason="",
            at=clock.now(),
        )  # fmt: skip

    assert not Refund.objects.exists()


def test_nothing_is_no_refund(three_mugs: Order) -> None:
    with pytest.raises(NothingToRefund):
        refund(order=three_mugs, lines={}, comes_back=True, with_shipping=False, by=None, reason="", at=clock.now())


def test_an_order_that_was_not_paid_gives_nothing_back(vera: Shopper, store: Store) -> None:
    make.in_cart(vera, make.variant(make.product(store), stock=3))
    order = make.order(vera, store)

    with pytest.raises(NotPaid):
        take_back(order, 1)


def test_a_piece_comes_back_to_the_floor_or_is_written_off(
    vera: Shopper, victor: Shopper, store: Store, sale: Allotment
) -> None:
    orders = []
    for shopper in (vera, victor):
        make.hold(shopper, sale)
        orders.append(make.pay(make.order(shopper, store)))

    take_back(orders[0], 1, comes_back=True)
    take_back(orders[1], 1, comes_back=False)

    states = [Piece.objects.get(order_lines__order=order).state for order in orders]
    assert states == [PieceState.FREE, PieceState.WRITTEN_OFF]


def test_cancelling_gives_everything_back(piece_order: Order, fred: User) -> None:
    with transaction.atomic():
        made = cancel_order(order=piece_order, by=fred, reason="Changed my mind", at=clock.now())

    assert made.amount == piece_order.total
    piece_order.refresh_from_db()
    assert piece_order.state == "cancelled"


def test_stripe_sends_the_money_and_the_books_say_so(vera: Shopper, store: Store, sandbox: Sandbox) -> None:
    order = paid_at_stripe(vera, store, sandbox)
    made = take_back(order, 1, with_shipping=True)
    assert balance("stripe", "EUR") == Money(4490, "EUR")

    for _ in range(2):
        sent = send_refund(refund_id=made.pk, at=clock.now())

    assert sent.state == RefundState.DONE
    assert balance("stripe", "EUR") == Money(2000, "EUR")
    assert balance(f"store:{store.pk}:shipping", "EUR") == Money(0, "EUR")
    assert Fact.objects.filter(kind="refund.done").count() == 1
    assert len(refunds_at_stripe(sandbox, order)) == 1


def test_a_lost_answer_to_a_refund_sends_the_money_once(vera: Shopper, store: Store, sandbox: Sandbox) -> None:
    order = paid_at_stripe(vera, store, sandbox)
    made = take_back(order, 1)
    sandbox.break_next("error_after", "/v1/refunds")
    soon = clock.now() + timedelta(seconds=1)

    assert send_refund(refund_id=made.pk, at=soon).state == RefundState.ASKED
    assert [one.pk for one in refunds_owed(soon + timedelta(seconds=31))] == [made.pk]
    assert send_refund(refund_id=made.pk, at=soon).state == RefundState.DONE

    assert len(refunds_at_stripe(sandbox, order)) == 1


def test_an_error_that_stripe_remembers_for_a_day_holds_up_no_refund(
    vera: Shopper, store: Store, sandbox: Sandbox
) -> None:
    order = paid_at_stripe(vera, store, sandbox)
    made = take_back(order, 1)
    sandbox.break_next("error_before", "/v1/refunds")
    soon = clock.now() + timedelta(seconds=1)

    assert send_refund(refund_id=made.pk, at=soon).state == RefundState.ASKED
    assert refunds_at_stripe(sandbox, order) == []
    assert send_refund(refund_id=made.pk, at=soon).state == RefundState.DONE

    assert len(refunds_at_stripe(sandbox, order)) == 1


def test_silence_does_not_change_what_a_refund_is_known_by(vera: Shopper, store: Store, sandbox: Sandbox) -> None:
    order = paid_at_stripe(vera, store, sandbox)
    made = take_back(order, 1)
    sandbox.break_next("timeout_after", "/v1/refunds", seconds=0, count=2)
    sandbox.break_next("rate_limited", "/v1/refunds", method="GET", count=1)
    soon = clock.now() + timedelta(seconds=1)

    for _ in range(2):
        assert send_refund(refund_id=made.pk, at=soon).state == RefundState.ASKED

    made.refresh_from_db()
    assert made.asks == 1
    assert send_refund(refund_id=made.pk, at=soon).state == RefundState.DONE
    assert len(refunds_at_stripe(sandbox, order)) == 1


def test_a_refund_that_takes_its_time_is_done_when_stripe_says_so(
    vera: Shopper, store: Store, sandbox: Sandbox
) -> None:
    made = take_back(paid_at_stripe(vera, store, sandbox, card=REFUNDS_LATER), 1)
    assert send_refund(refund_id=made.pk, at=clock.now()).state == RefundState.SENT
    assert balance("stripe", "EUR") == Money(4490, "EUR")
    assert refunds_owed(clock.now() + timedelta(minutes=1)).exists()

    sandbox.control("POST", "clock", {"advance_s": 5})

    assert send_refund(refund_id=made.pk, at=clock.now()).state == RefundState.DONE
    assert balance("stripe", "EUR") == Money(2490, "EUR")


def test_a_refund_that_the_bank_sends_back_is_seen_and_posted_back(
    vera: Shopper, store: Store, sandbox: Sandbox
) -> None:
    made = take_back(paid_at_stripe(vera, store, sandbox, card=REFUND_FAILS), 1)
    assert send_refund(refund_id=made.pk, at=clock.now()).state == RefundState.DONE
    assert balance("stripe", "EUR") == Money(2490, "EUR")

    sandbox.control("POST", "clock", {"advance_s": 5})

    assert send_refund(refund_id=made.pk, at=clock.now()).state == RefundState.FAILED
    assert balance("stripe", "EUR") == Money(4490, "EUR")
    assert Fact.objects.filter(kind="refund.failed").count() == 1


def test_two_refunds_of_the_same_amount_are_two(vera: Shopper, store: Store, sandbox: Sandbox) -> None:
    order = paid_at_stripe(vera, store, sandbox)

    for _ in range(2):
        send_refund(refund_id=take_back(order, 1).pk, at=clock.now())

    assert len(refunds_at_stripe(sandbox, order)) == 2


def test_a_refund_that_stripe_refuses_is_seen_and_may_be_asked_again(
    vera: Shopper, store: Store, sandbox: Sandbox
) -> None:
    made = take_back(paid_at_stripe(vera, store, sandbox), 1)
    made.attempt.__class__.objects.update(intent_id="pi_unknown")

    failed = send_refund(refund_id=made.pk, at=clock.now())
    assert (failed.state, failed.failure) == (RefundState.FAILED, "resource_missing")
    assert not refunds_owed(clock.now() + timedelta(days=1)).exists()

    ask_again(refund=failed, at=clock.now())
    assert refunds_owed(clock.now() + timedelta(seconds=3)).exists()


def test_a_cancelled_show_refunds_its_pieces_and_nothing_else(piece_order: Order, sale: Allotment) -> None:
    end_allotment(allotment_id=sale.pk)
    with transaction.atomic():
        assert call_off_pieces(allotment_ids=[sale.pk], at=clock.now()) == 1
    fact = Fact.objects.get(kind="order.called_off")

    for _ in range(2):
        call_off(piece_order, sale)

    assert (fact.subject, fact.numbers) == (str(piece_order.pk), {"allotment": sale.pk})
    made = Refund.objects.get()
    assert made.amount == Money(1490, "EUR")
    assert line_of_piece(piece_order).kept_quantity == 0
    piece_order.refresh_from_db()
    assert piece_order.is_paid
    assert make.on_hand(sale.variant) == 3


def test_an_order_that_is_being_paid_is_called_off_afterwards(vera: Shopper, store: Store, sale: Allotment) -> None:
    make.hold(vera, sale)
    order = make.order(vera, store)
    with pytest.raises(StillPaying):
        call_off(order, sale)

    call_off(make.pay(order), sale)

    assert Refund.objects.get().amount == order.total


def test_a_payment_for_a_cancelled_show_is_asked_to_end(vera: Shopper, store: Store, sale: Allotment) -> None:
    make.hold(vera, sale)
    order = make.order(vera, store)

    with transaction.atomic():
        call_off_pieces(allotment_ids=[sale.pk], at=clock.now())

    assert progress(order, at=clock.now()).stage == "ending"


def call_off(order: Order, sale: Allotment) -> None:
    with transaction.atomic():
        refund_called_off(
            order_id=order.pk, allotment_id=sale.pk, comes_back=True, reason="Show cancelled", at=clock.now()
        )


def paid_at_stripe(vera: Shopper, store: Store, sandbox: Sandbox, *, card: str = GOOD) -> Order:
    """Two mugs at 20 euros each and 4.90 for the parcel, paid at Stripe."""
    make.in_cart(vera, make.variant(make.product(store), price_minor=2000, stock=10), 2)
    order = make.order(vera, store)
    sandbox.pay(talk(attempt_id=make.attempt_of(order).pk, at=clock.now()).url, card=card)
    talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    order.refresh_from_db()
    return order


def refunds_at_stripe(sandbox: Sandbox, order: Order) -> list[dict[str, object]]:
    intent_id = make.attempt_of(order).intent_id
    created = sandbox.events("refund.created")
    return [event for event in created if event["data"]["object"]["payment_intent"] == intent_id]
