"""A drop that changes under the fingers of those who claim from it, and that two people end."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from config.invariants import broken_invariants
from liveevents.drops import changing, services
from liveevents.drops.errors import DropIsOver
from liveevents.drops.models import Drop
from liveevents.drops.record import keep_records
from shop.core import clock
from shop.core.money import Money
from shop.stock.changing import extend_window
from shop.stock.claiming import Claimed, claim_pieces
from shop.stock.models import Allotment, Piece
from shop.stock.services import end_allotment
from tests import make
from tests.make import live

Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)


def claim(drop: Drop, shopper_id: UUID) -> Claimed:
    return claim_pieces(allotment_id=drop.allotment_id, shopper_id=shopper_id, key=uuid4(), quantity=1)


def crowd(drop: Drop, size: int) -> list[Callable[[], object]]:
    return [partial(claim, drop, uuid4()) for _ in range(size)]


def closings(drop: Drop) -> int:
    return drop.entries.filter(kind="closed").count()


def closes(drop: Drop) -> float:
    """The end of its window, as seconds since the epoch."""
    closes_at = Allotment.objects.get(pk=drop.allotment_id).closes_at
    assert closes_at is not None
    return closes_at.timestamp()


def sleep_until(instant: float) -> None:
    time.sleep(max(0.0, instant - clock.database_now().timestamp()))


def test_two_people_end_a_drop_and_one_of_them_did_it(race: Race) -> None:
    drop = live.drop(pieces=3)

    answers = race(partial(services.end_drop, drop=drop), partial(services.end_drop, drop=drop))

    assert sorted(type(answer).__name__ for answer in answers) == ["DropIsOver", "NoneType"]
    assert closings(drop) == 1
    assert make.on_hand(drop.allotment.variant) == 3


def test_two_ticks_and_a_hand_end_a_drop_once(race: Race) -> None:
    drop = live.drop(pieces=3, lasts=timedelta(seconds=1))

    answers = race(services.end_due_drops, services.end_due_drops, partial(services.end_drop, drop=drop))

    assert sum(answer in (1, None) for answer in answers) == 1
    assert closings(drop) == 1
    assert make.on_hand(drop.allotment.variant) == 3


def extend_slowly(drop: Drop, is_locked: Barrier) -> None:
    """Lock the sale while it runs; by the time the later end is written, the old one has passed."""
    with transaction.atomic():
        sale = Allotment.objects.select_for_update(no_key=True).get(pk=drop.allotment_id)
        is_locked.wait(timeout=10)
        sleep_until(closes(drop) + 0.3)
        extend_window(allotment=sale, closes_at=clock.database_now() + timedelta(minutes=5))


def end_when_due(drop: Drop, is_locked: Barrier, end: Callable[[], object]) -> object:
    is_locked.wait(timeout=10)
    sleep_until(closes(drop) + 0.1)
    return end()


def about_to_close() -> Drop:
    return live.drop(opens_at=clock.database_now(), lasts=timedelta(seconds=0.7))


@pytest.mark.naive
def test_the_naive_end_ends_what_was_just_extended(race: Race) -> None:
    drop, is_locked = about_to_close(), Barrier(2)
    naive = partial(end_allotment, allotment_id=drop.allotment_id)

    _, ended = race(partial(extend_slowly, drop, is_locked), partial(end_when_due, drop, is_locked, naive))

    assert ended is True
    assert closes(drop) > clock.database_now().timestamp()


def test_what_was_just_extended_goes_on(race: Race) -> None:
    drop, is_locked = about_to_close(), Barrier(2)

    _, ended = race(
        partial(extend_slowly, drop, is_locked), partial(end_when_due, drop, is_locked, services.end_due_drops)
    )

    assert ended == 0
    assert isinstance(claim(drop, uuid4()), Claimed)
    assert closings(drop) == 0


def test_a_drop_is_extended_and_then_ended_or_ended_and_not_extended(race: Race) -> None:
    for _ in range(4):
        drop = live.drop(pieces=2)
        seen = Allotment.objects.values_list("closes_at", flat=True).get(pk=drop.allotment_id)
        assert seen is not None

        extended, ended = race(
            partial(changing.extend_drop, drop=drop, by_s=60, seen=seen), partial(services.end_drop, drop=drop)
        )

        assert ended is None
        kinds = [entry.kind for entry in drop.entries.all()]
        told = [] if isinstance(extended, DropIsOver) else ["extended"]
        assert kinds == ["planned", "opened", *told, "closed", "settled"]


def test_a_claim_gets_the_price_that_its_piece_has(race: Race) -> None:
    drop = live.drop(pieces=20, price_minor=2000)

    _, *claims = race(
        partial(changing.lower_price, drop=drop, price=Money(1500, "EUR")),
        *crowd(drop, 10),
    )

    rows = dict(Piece.objects.filter(allotment=drop.allotment_id).values_list("number", "price_minor"))
    given = {n: p for c in claims if isinstance(c, Claimed) for n, p in zip(c.numbers, c.prices_minor, strict=True)}
    assert len(given) == 10
    assert given.items() <= rows.items()
    assert {price for number, price in rows.items() if number not in given} == {1500}


def test_added_pieces_are_claimed_once_each(race: Race) -> None:
    drop = live.drop(pieces=2)
    make.stock_up(drop.allotment.variant, 2)

    _, *claims = race(partial(changing.add_pieces, drop=drop, more=2, seen=2), *crowd(drop, 8))

    numbers = sorted(number for answer in claims if isinstance(answer, Claimed) for number in answer.numbers)
    assert numbers == list(range(1, len(numbers) + 1))
    assert 2 <= len(numbers) <= 4
    keep_records()
    assert broken_invariants() == {}
