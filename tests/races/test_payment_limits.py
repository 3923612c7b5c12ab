"""One card, one address, several people, all authorised at once: no more is sold than one person may have."""

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from shop.accounts.models import Address
from shop.core import clock
from shop.core.states import advance
from shop.orders.models import Order
from shop.payments.goods import sell_goods
from shop.payments.models import Attempt
from shop.payments.seen import Status
from shop.payments.services import apply
from shop.payments.services.locks import lock_attempt
from shop.payments.states import AttemptState
from shop.stock.models import Allotment, Piece
from shop.stock.states import PieceState
from tests import make

Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)
CARD = "card of the many"


@pytest.fixture
def sale(transactional_db: None) -> Allotment:
    """Eight pieces, one for each person, of a store that sends anywhere."""
    store = make.store()
    make.rates(store)
    return make.allotment(make.variant(make.product(store), stock=8), pieces=8)


def orders(sale: Allotment, count: int, *, to: Callable[[], Address | None] = lambda: None) -> list[Order]:
    """So many people with a piece each, whose payment page is open."""
    made = []
    for _ in range(count):
        buyer = make.shopper()
        make.hold(buyer, sale)
        made.append(make.order(buyer, sale.variant.product.store, to=to()))
        told(made[-1], Status.WAITING)
    return made


def told(order: Order, status: Status, card: str = "") -> str:
    attempt = make.attempt_of(order)
    return apply(attempt_id=attempt.pk, seen=make.seen(attempt, status, fingerprint=card), at=clock.now()).refused_for


def sold(sale: Allotment) -> int:
    return Piece.objects.filter(allotment=sale, state=PieceState.SOLD).count()


def naive(order: Order, between: Barrier) -> None:
    """Count what the card has, decide, sell: each by itself right, and nobody waits for the other."""
    with transaction.atomic():
        attempt = lock_attempt(make.attempt_of(order).pk)
        others = Attempt.objects.filter(fingerprint=CARD, state=AttemptState.AUTHORISED)
        is_allowed = not others.exists()
        between.wait(timeout=10)
        if is_allowed and sell_goods(attempt):
            advance(attempt, AttemptState.AUTHORISED, fingerprint=CARD)


@pytest.mark.naive
def test_the_naive_limit_lets_two_of_one_card_pass(race: Race, sale: Allotment) -> None:
    both, between = orders(sale, 2), Barrier(2)

    race(*[partial(naive, order, between) for order in both])

    assert sold(sale) == 2


def test_one_card_authorised_several_times_at_once_buys_what_one_person_may(race: Race, sale: Allotment) -> None:
    four = orders(sale, 4)

    answers = race(*[partial(told, order, Status.AUTHORISED, CARD) for order in four])

    assert sorted(map(str, answers)) == ["", "card_limit", "card_limit", "card_limit"]
    assert sold(sale) == 1


def test_one_address_authorised_several_times_at_once_gets_what_one_person_may(race: Race, sale: Allotment) -> None:
    four = orders(sale, 4, to=make.address)

    answers = race(*[partial(told, order, Status.AUTHORISED, f"card {order.pk}") for order in four])

    assert sorted(map(str, answers)) == ["", "address_limit", "address_limit", "address_limit"]
    assert sold(sale) == 1


def test_cards_and_addresses_that_cross_do_not_wait_for_each_other_for_ever(race: Race, sale: Allotment) -> None:
    here, there = partial(make.address, "DE"), partial(make.address, "AT")
    crossed: list[tuple[Order, str]] = [
        (orders(sale, 1, to=place)[0], card) for _ in range(2) for place in (here, there) for card in ("one", "two")
    ]

    answers = race(*[partial(told, order, Status.AUTHORISED, card) for order, card in crossed])

    assert set(answers) <= {"", "card_limit", "address_limit"}
    assert 1 <= sold(sale) <= 2
    assert sold(sale) == answers.count("")


def test_the_limit_and_the_end_of_the_first_payment_agree(race: Race, sale: Allotment) -> None:
    first, second = orders(sale, 2)
    told(first, Status.AUTHORISED, CARD)

    race(partial(told, first, Status.DEAD), partial(told, second, Status.AUTHORISED, CARD))

    states = {make.attempt_of(order).state for order in (first, second)}
    assert sold(sale) == (1 if AttemptState.AUTHORISED in states else 0)
