"""The connection dies before each statement of a use case in turn: nothing happened, and doing it again does it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection

from config.invariants import broken_invariants
from shop.core import clock
from shop.orders.models import Order
from shop.payments.models import Attempt, Refund
from shop.payments.seen import Status
from shop.payments.services import apply, refund
from shop.stock.models import Hold, Piece
from shop.stock.states import PieceState
from tests import make
from tests.machine.house import Cut, cut

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STATEMENTS = 200
Step = Callable[[], object]


def check_out() -> tuple[Step, Callable[[], object]]:
    """A piece and a mug; what is to be seen of it."""
    sale = make.allotment(make.variant(stock=3), pieces=1)
    store, buyer, key = sale.variant.product.store, make.shopper(), uuid4()
    make.rates(store)
    make.hold(buyer, sale)
    make.in_cart(buyer, sale.variant)
    return lambda: make.order(buyer, store, key=key), lambda: Order.objects.filter(key=key).count()


def being_paid() -> Order:
    run, _ = check_out()
    order = run()
    assert isinstance(order, Order)
    return order


def told(order: Order, status: Status) -> None:
    attempt = Attempt.objects.get(order=order)
    apply(attempt_id=attempt.pk, seen=make.seen(attempt, status), at=clock.now())


def state_of(order: Order, state: PieceState) -> int:
    return Piece.objects.filter(order_lines__order=order, state=state).count()


def authorise() -> tuple[Step, Callable[[], object]]:
    order = being_paid()
    told(order, Status.WAITING)
    return lambda: told(order, Status.AUTHORISED), lambda: state_of(order, PieceState.SOLD)


def capture() -> tuple[Step, Callable[[], object]]:
    order = being_paid()
    told(order, Status.AUTHORISED)
    return lambda: told(order, Status.PAID), lambda: int(Order.objects.get(pk=order.pk).is_paid)


def decline() -> tuple[Step, Callable[[], object]]:
    order = being_paid()
    return lambda: told(order, Status.DEAD), lambda: state_of(order, PieceState.HELD)


def give_back() -> tuple[Step, Callable[[], object]]:
    order = make.pay(being_paid())
    lines = {line.pk: 1 for line in order.lines.all()}

    def run() -> None:
        refund(order=order, lines=lines, comes_back=True, with_shipping=True, by=None, reason="Broken", at=clock.now())

    return run, lambda: Refund.objects.filter(attempt__order=order).count()


@contextmanager
def dying(at_statement: int) -> Iterator[list[bool]]:
    """Whether it died."""
    died = [False]
    try:
        with cut(at_statement=at_statement, is_late=False):
            yield died
    except Cut:
        died[0] = True
        connection.close()


@pytest.mark.parametrize(
    "use_case", [check_out, authorise, capture, decline, give_back], ids=lambda case: case.__name__
)
def test_a_use_case_happens_as_a_whole_whichever_of_its_statements_the_connection_dies_before(
    use_case: Callable[[], tuple[Step, Callable[[], object]]],
) -> None:
    run, effect = use_case()

    for statement in range(1, MOST_STATEMENTS):
        with dying(statement) as died:
            run()
        if not died[0]:
            break
        assert effect() == 0, statement
        assert broken_invariants() == {}, statement

    assert 5 < statement < MOST_STATEMENTS - 1
    assert effect() == 1
    assert broken_invariants() == {}
    assert Hold.objects.count() == 1
