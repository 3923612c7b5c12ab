"""Browser return, webhook, sweep and refund at once: one payment, one effect."""

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from shop.accounts.models import Shopper
from shop.core import clock, facts
from shop.core.facts import Fact
from shop.core.money import Money
from shop.ledger.queries import balance
from shop.orders.models import Order, OrderLine
from shop.orders.services import TooMany
from shop.payments.models import Attempt, Refund
from shop.payments.seen import Status
from shop.payments.services import apply, refund, send_refund, talk
from shop.payments.services.refunding import cancel_order
from shop.payments.states import AttemptState, RefundState
from shop.stock.models import Piece, StockLevel
from shop.stock.states import PieceState
from tests import make
from tests.fakes import Sandbox, sandbox, stripe_process

__all__ = ["sandbox", "stripe_process"]

Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(vera: Shopper, transactional_db: None) -> Order:
    """One piece at 10 euros and three mugs at 20, checked out; 4.90 for the parcel."""
    store = make.store()
    make.rates(store)
    make.hold(vera, make.allotment(make.variant(make.product(store), stock=3), pieces=3))
    make.in_cart(vera, make.variant(make.product(store), price_minor=2000, stock=5), 3)
    return make.order(vera, store)


def mugs(order: Order) -> OrderLine:
    return order.lines.get(piece=None)


def told(order: Order, status: Status) -> Attempt:
    attempt = make.attempt_of(order)
    return apply(attempt_id=attempt.pk, seen=make.seen(attempt, status), at=clock.now())


def give_back(order: Order, quantity: int) -> Refund:
    """So many mugs."""
    return give_back_lines(order, {mugs(order).pk: quantity})


def give_back_lines(order: Order, lines: dict[int, int]) -> Refund:
    return refund(
        order=order, lines=lines, comes_back=True, with_shipping=False, by=None, reason="Broken", at=clock.now()
    )


def cancel(order: Order) -> Refund:
    with transaction.atomic():
        return cancel_order(order=order, by=None, reason="Changed my mind", at=clock.now())


def naive_give_back(order: Order, quantity: int, between: Barrier) -> int:
    """Read what is left, decide, write it."""
    line = mugs(order)
    between.wait(timeout=10)
    if line.kept_quantity < quantity:
        raise TooMany
    line.returned_quantity += quantity
    line.save()
    return quantity


@pytest.mark.naive
def test_the_naive_refund_gives_back_more_than_was_bought(race: Race, order: Order) -> None:
    make.pay(order)
    between = Barrier(2)

    answers = race(*[partial(naive_give_back, order, 2, between)] * 2)

    assert answers == [2, 2]


def test_no_more_goes_back_than_was_bought(race: Race, order: Order) -> None:
    make.pay(order)

    answers = race(*[partial(give_back, order, 2)] * 4)

    assert sorted(type(answer).__name__ for answer in answers) == ["Refund", "TooMany", "TooMany", "TooMany"]
    assert mugs(order).kept_quantity == 1
    assert make.on_hand(mugs(order).variant) == 4


def test_shipping_goes_back_with_the_last_unit_whoever_is_last(race: Race, order: Order) -> None:
    make.pay(order)
    piece = order.lines.get(piece__isnull=False)
    rest = {mugs(order).pk: 3}, {piece.pk: 1}

    made = race(*(partial(give_back_lines, order, lines) for lines in rest))

    assert sorted(one.shipping_minor for one in made if isinstance(one, Refund)) == [0, 490]
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_a_refund_and_a_cancellation_give_back_what_was_paid_and_not_a_cent_more(race: Race, order: Order) -> None:
    make.pay(order)

    race(partial(give_back, order, 1), partial(cancel, order), partial(give_back, order, 2))

    assert sum(Refund.objects.values_list("amount_minor", flat=True)) <= order.total_minor
    assert all(line.returned_quantity <= line.quantity for line in order.lines.all())


def naive_hear(order: Order, between: Barrier) -> None:
    """Look whether the payment is open, then let it be paid."""
    attempt = make.attempt_of(order)
    between.wait(timeout=10)
    if attempt.is_live:
        with transaction.atomic():
            attempt.state = AttemptState.PAID
            attempt.save()
            facts.record("order.paid", subject=order.pk)


@pytest.mark.naive
def test_two_naive_webhooks_tell_twice_that_the_order_is_paid(race: Race, order: Order) -> None:
    race(*[partial(naive_hear, order, Barrier(2))] * 2)

    assert Fact.objects.filter(kind="order.paid").count() == 2


def test_whoever_hears_first_the_order_is_paid_once(race: Race, order: Order) -> None:
    told(order, Status.AUTHORISED)

    race(*[partial(told, order, Status.PAID)] * 4, partial(told, order, Status.AUTHORISED))

    assert make.attempt_of(order).state == AttemptState.PAID
    assert Fact.objects.filter(kind="order.paid").count() == 1
    assert balance("stripe", "EUR") == Money(order.total_minor, "EUR")
    assert StockLevel.objects.get(variant=mugs(order).variant).on_hand == 2


def test_paid_and_dead_at_once_is_one_of_them(race: Race, order: Order) -> None:
    told(order, Status.WAITING)

    race(partial(told, order, Status.PAID), partial(told, order, Status.DEAD))

    order.refresh_from_db()
    level = StockLevel.objects.get(variant=mugs(order).variant)
    piece = Piece.objects.get(order_lines__order=order)
    expected = (2, 0, PieceState.SOLD) if order.is_paid else (5, 0, PieceState.HELD)
    assert (level.on_hand, level.held, piece.state) == expected


def test_the_browsers_return_races_the_webhook_and_the_sweep(race: Race, order: Order, sandbox: Sandbox) -> None:
    attempt = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    sandbox.pay(attempt.url)

    race(*[partial(talk, attempt_id=attempt.pk, at=clock.now())] * 4)
    finished = talk(attempt_id=attempt.pk, at=clock.now())

    assert finished.state == AttemptState.PAID
    assert Fact.objects.filter(kind="order.paid").count() == 1
    captured = [
        event
        for event in sandbox.events("charge.captured")
        if event["data"]["object"]["payment_intent"] == finished.intent_id
    ]
    assert len(captured) == 1
    assert balance("stripe", "EUR") == Money(order.total_minor, "EUR")


@pytest.mark.made_up("stock is kept only for payments that live")
def test_money_for_a_dead_attempt_goes_back_once_whoever_hears_of_it(
    race: Race, vera: Shopper, sandbox: Sandbox
) -> None:
    mug = make.variant(stock=1)
    make.rates(mug.product.store)
    make.in_cart(vera, mug)
    attempt = talk(attempt_id=make.attempt_of(make.order(vera, mug.product.store)).pk, at=clock.now())
    sandbox.pay(attempt.url)
    Attempt.objects.update(state=AttemptState.DEAD)

    race(*[partial(talk, attempt_id=attempt.pk, at=clock.now())] * 4)

    attempt.refresh_from_db()
    sent = [
        event
        for event in sandbox.events("refund.created")
        if event["data"]["object"]["payment_intent"] == attempt.intent_id
    ]
    assert len(sent) == 1


def test_two_workers_open_one_page(race: Race, order: Order, sandbox: Sandbox) -> None:
    attempt = make.attempt_of(order)

    race(*[partial(talk, attempt_id=attempt.pk, at=clock.now())] * 4)

    opened = talk(attempt_id=attempt.pk, at=clock.now())
    assert opened.state == AttemptState.OPEN
    sandbox.pay(opened.url)
    assert talk(attempt_id=attempt.pk, at=clock.now()).state == AttemptState.PAID


def test_two_workers_send_one_refund(race: Race, order: Order, sandbox: Sandbox) -> None:
    attempt = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    sandbox.pay(attempt.url)
    attempt = talk(attempt_id=attempt.pk, at=clock.now())
    made = give_back(order, 1)

    race(*[partial(send_refund, refund_id=made.pk, at=clock.now())] * 4)

    assert send_refund(refund_id=made.pk, at=clock.now()).state == RefundState.DONE
    sent = [
        event
        for event in sandbox.events("refund.created")
        if event["data"]["object"]["payment_intent"] == attempt.intent_id
    ]
    assert len(sent) == 1
    assert balance("stripe", "EUR") == Money(order.total_minor - 2000, "EUR")
