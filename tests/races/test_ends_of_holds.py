"""A hold that ends while somebody pays for it, claims it or gives it back; held at named points."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from shop.accounts.models import Shopper
from shop.core import clock
from shop.stock import services
from shop.stock.errors import BeingPaid, HoldExpired
from shop.stock.models import Allotment, Hold, Piece
from shop.stock.states import PieceState
from tests import make
from tests.conftest import set_clock
from tests.races.asking import NO_PAYMENT, Race, ask, verdicts
from tests.races.gates import Gate
from tests.twins import replaced

pytestmark = pytest.mark.django_db(transaction=True)

# The end of a hold, against a claim and against its payment.


def lapsed(sale: Allotment, shopper: Shopper) -> Hold:
    """A hold whose grace ended a tenth of a second ago."""
    hold = make.hold(shopper, sale)
    Hold.objects.filter(pk=hold.pk).update(held_until=clock.database_now() - timedelta(seconds=2.1))
    return hold


def naive_sweep(has_read: Barrier, may_write: Barrier) -> None:
    """Read what is due, and free it afterwards."""
    due = list(Hold.objects.filter(held_until__lt=clock.database_now()))
    has_read.wait(timeout=10)
    may_write.wait(timeout=10)
    for hold in due:
        Piece.objects.filter(allotment=hold.allotment_id, number__in=hold.numbers).update(state=0, hold=None)


def between(has_read: Barrier, may_write: Barrier, work: Callable[[], object]) -> object:
    has_read.wait(timeout=10)
    try:
        return work()
    finally:
        may_write.wait(timeout=10)


@pytest.mark.naive
def test_the_naive_sweep_takes_a_piece_from_who_claimed_it(race: Race, vera: Shopper, victor: Shopper) -> None:
    sale, steps = make.allotment(pieces=1), (Barrier(2), Barrier(2))
    lapsed(sale, vera)

    _, claimed = race(partial(naive_sweep, *steps), partial(between, *steps, partial(ask, sale, victor.pk)))

    assert verdicts([claimed]) == ["held"]
    assert Piece.objects.get().state == PieceState.FREE


def test_a_sweep_and_a_claim_of_the_same_piece_wait_for_each_other(
    race: Race, gate: Gate, vera: Shopper, victor: Shopper
) -> None:
    sale = make.allotment(pieces=1)
    lapsed(sale, vera)

    with replaced(gate.before("free_due_pieces", "perform place_free_pieces(sale);")):
        claimed, _ = race(partial(ask, sale, victor.pk), services.free_due, meanwhile=partial(gate.open_when, stuck=2))

    assert verdicts([claimed]) == ["held"]
    assert Piece.objects.get().hold.shopper_id == victor.pk  # type: ignore[union-attr]


def fence(hold: Hold) -> None:
    with transaction.atomic():
        services.fence(hold_ids=[hold.pk], for_s=300)


def fence_before_the_end(hold: Hold) -> None:
    """By a clock that reads a second less than the sweep's."""
    set_clock(hold.held_until + timedelta(seconds=1.5))
    fence(hold)


def after_the_end(hold: Hold, work: Callable[[], object]) -> object:
    set_clock(hold.held_until + timedelta(seconds=2.5))
    return work()


@pytest.mark.naive
def test_the_naive_sweep_frees_what_is_being_paid(race: Race, vera: Shopper) -> None:
    sale, steps = make.allotment(pieces=1), (Barrier(2), Barrier(2))
    hold = make.hold(vera, sale)
    Hold.objects.update(held_until=clock.database_now() - timedelta(seconds=1))

    race(partial(naive_sweep, *steps), partial(between, *steps, partial(fence, hold)))

    assert Hold.objects.get().pay_until is not None
    assert Piece.objects.get().state == PieceState.FREE


@pytest.mark.made_up(NO_PAYMENT)
def test_what_is_fenced_in_its_last_second_is_not_swept(race: Race, gate: Gate, vera: Shopper) -> None:
    hold = make.hold(vera, make.allotment(pieces=1))

    with replaced(gate.before("fence_holds", "with live as (")):
        _, freed = race(
            partial(fence_before_the_end, hold),
            partial(gate.then, partial(after_the_end, hold, services.free_due)),
            meanwhile=partial(gate.open_when, stuck=2),
        )

    assert freed == 0
    assert Piece.objects.get().state == PieceState.PAYING


@pytest.mark.made_up(NO_PAYMENT)
def test_who_pays_in_the_last_second_of_grace_cannot_claim_past_the_limit_meanwhile(
    race: Race, gate: Gate, vera: Shopper
) -> None:
    sale = make.allotment(pieces=2, per_person=1)
    hold = make.hold(vera, sale)

    with replaced(gate.before("fence_holds", "return fenced;")):
        _, claimed = race(
            partial(fence_before_the_end, hold),
            partial(gate.then, partial(after_the_end, hold, partial(ask, sale, vera.pk))),
            meanwhile=partial(gate.open_when, stuck=2),
        )

    assert verdicts([claimed]) == ["limit"]


# Let go, against its payment.


def naive_let_go(hold: Hold, has_read: Barrier, may_write: Barrier) -> None:
    is_paying = Hold.objects.get(pk=hold.pk).pay_until is not None
    has_read.wait(timeout=10)
    may_write.wait(timeout=10)
    if not is_paying:
        Piece.objects.filter(hold=hold).update(state=0, hold=None)


@pytest.mark.naive
def test_naively_let_go_is_free_while_it_is_being_paid(race: Race, vera: Shopper) -> None:
    hold, steps = make.hold(vera, make.allotment(pieces=1)), (Barrier(2), Barrier(2))

    race(partial(naive_let_go, hold, *steps), partial(between, *steps, partial(fence, hold)))

    assert Hold.objects.get().pay_until is not None
    assert Piece.objects.get().state == PieceState.FREE


@pytest.mark.made_up(NO_PAYMENT)
def test_what_is_being_fenced_is_not_let_go(race: Race, gate: Gate, vera: Shopper) -> None:
    hold = make.hold(vera, make.allotment(pieces=1))

    with replaced(gate.before("fence_holds", "with live as (")):
        _, let_go = race(
            partial(fence, hold),
            partial(gate.then, partial(services.let_go, hold_id=hold.pk, shopper=vera)),
            meanwhile=partial(gate.open_when, stuck=2),
        )

    assert isinstance(let_go, BeingPaid)


def test_what_is_being_let_go_is_not_fenced(race: Race, gate: Gate, vera: Shopper) -> None:
    hold = make.hold(vera, make.allotment(pieces=1))

    with replaced(gate.before("let_go_hold", "perform place_free_pieces(sale);")):
        _, fenced = race(
            partial(services.let_go, hold_id=hold.pk, shopper=vera),
            partial(gate.then, partial(fence, hold)),
            meanwhile=partial(gate.open_when, stuck=2),
        )

    assert isinstance(fenced, HoldExpired)
    assert Piece.objects.get().state == PieceState.FREE
