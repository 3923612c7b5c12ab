"""Two people, one piece. Each race first shows that reading, deciding and writing apart loses it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from shop.accounts.models import Shopper
from shop.core import clock
from shop.stock import claiming, services
from shop.stock.claiming import Claimed
from shop.stock.errors import HoldExpired, LimitReached, SoldOut
from shop.stock.models import Allotment, Hold, Piece
from shop.stock.queries import counts_of
from shop.stock.states import PieceState
from tests import make

Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)


def claim(sale: Allotment, shopper_id: UUID, key: UUID | None = None) -> Claimed:
    return claiming.claim_pieces(allotment_id=sale.pk, shopper_id=shopper_id, key=key or uuid4(), quantity=1)


def naive_claim(sale: Allotment, shopper_id: UUID, between: Barrier) -> int:
    """Read the first free piece, decide, write it."""
    piece = Piece.objects.filter(allotment=sale, state=PieceState.FREE).order_by("place").first()
    between.wait(timeout=10)
    if piece is None:
        raise SoldOut
    now = clock.now()
    hold = Hold.objects.create(
        allotment=sale, shopper_id=shopper_id, key=uuid4(), asked=1, quantity=1, numbers=[piece.number],
        taken_at=now, held_until=now + timedelta(minutes=2),
    )  # fmt: skip
    piece.state, piece.hold = PieceState.HELD, hold
    piece.save()
    return piece.number


@pytest.mark.naive
def test_the_naive_claim_gives_the_last_piece_twice(race: Race, vera: Shopper, victor: Shopper) -> None:
    sale, between = make.allotment(pieces=1), Barrier(2)

    answers = race(partial(naive_claim, sale, vera.pk, between), partial(naive_claim, sale, victor.pk, between))

    assert answers == [1, 1]


def test_the_last_pieces_go_to_as_many_as_there_are(race: Race) -> None:
    sale, crowd = make.allotment(pieces=3), [uuid4() for _ in range(12)]

    answers = race(*(partial(claim, sale, shopper_id) for shopper_id in crowd))

    numbers = sorted(number for answer in answers if isinstance(answer, Claimed) for number in answer.numbers)
    assert numbers == [1, 2, 3]
    assert sum(isinstance(answer, SoldOut) for answer in answers) == 9


def test_a_double_click_holds_one_piece(race: Race, vera: Shopper) -> None:
    sale, key = make.allotment(pieces=3), uuid4()

    first, second = race(partial(claim, sale, vera.pk, key), partial(claim, sale, vera.pk, key))

    assert isinstance(first, Claimed)
    assert isinstance(second, Claimed)
    assert first.hold_id == second.hold_id
    assert counts_of([sale.pk])[sale.pk].held == 1


def test_the_limit_holds_across_the_tabs_of_a_person(race: Race) -> None:
    person, sale = make.user(), make.allotment(pieces=8, per_person=2)
    tabs = [make.shopper(person).pk for _ in range(6)]

    answers = race(*(partial(claim, sale, tab) for tab in tabs))

    assert sum(isinstance(answer, Claimed) for answer in answers) == 2
    assert sum(isinstance(answer, LimitReached) for answer in answers) == 4


@pytest.mark.made_up("a piece being paid has a live payment")
def test_a_hold_that_runs_out_is_paid_or_freed_and_never_both(race: Race) -> None:
    for _ in range(5):
        sale, buyer = make.allotment(pieces=1), make.shopper()
        held = claim(sale, buyer.pk)
        Hold.objects.filter(pk=held.hold_id).update(held_until=clock.database_now() - timedelta(seconds=1.995))

        paid, _ = race(partial(fence, held), services.free_due)

        counts = counts_of([sale.pk])[sale.pk]
        assert (counts.paying, counts.free) == ((0, 1) if isinstance(paid, HoldExpired) else (1, 0))


@pytest.mark.made_up("a piece being paid has a live payment")
def test_a_hold_is_let_go_or_paid_and_never_both(race: Race, vera: Shopper) -> None:
    for _ in range(5):
        sale = make.allotment(pieces=1)
        held = claim(sale, vera.pk)

        paid, _ = race(partial(fence, held), partial(services.let_go, hold_id=held.hold_id, shopper=vera))

        counts = counts_of([sale.pk])[sale.pk]
        assert (counts.paying, counts.free) == ((0, 1) if isinstance(paid, HoldExpired) else (1, 0))


def fence(held: Claimed) -> None:
    with transaction.atomic():
        services.fence(hold_ids=[held.hold_id], for_s=300)
