"""Two at one point of the database's functions, held there by a gate. A twin without its lock loses each time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection, transaction

from config.invariants import broken_invariants
from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.errors import Refusal
from shop.stock import services
from shop.stock.claiming import Answer, Ask, claim_together
from shop.stock.models import Allotment, Hold, Piece, StockLevel, StockMove, Waiter
from shop.stock.states import PieceState
from tests import make
from tests.races.asking import DECIDED, LIMIT, OWNERS, UNLOCKED, Race, ask, verdicts
from tests.races.gates import Gate
from tests.twins import Twin, replaced

pytestmark = pytest.mark.django_db(transaction=True)


def both_decide(race: Race, gate: Gate, *asks: Callable[[], Answer], twins: Sequence[Twin] = ()) -> list[object]:
    """Everybody has decided what to give, or waits for somebody who has, before anybody gives."""
    with replaced(*twins, gate.before("claim_pieces", DECIDED)):
        return race(*asks, meanwhile=partial(gate.open_when, stuck=len(asks)))


# The last piece.


@pytest.mark.naive
def test_without_a_lock_the_last_piece_has_two_owners(race: Race, gate: Gate, vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1)

    answers = both_decide(race, gate, partial(ask, sale, vera.pk), partial(ask, sale, victor.pk), twins=[UNLOCKED])

    assert verdicts(answers) == ["held", "held"]
    assert OWNERS in broken_invariants()


def test_the_last_piece_has_one_owner(race: Race, gate: Gate, vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1)

    answers = both_decide(race, gate, partial(ask, sale, vera.pk), partial(ask, sale, victor.pk))

    assert verdicts(answers) == ["held", "sold_out"]


# A double click.


def test_without_a_lock_a_double_click_hears_that_its_key_is_taken(race: Race, gate: Gate, vera: Shopper) -> None:
    sale, key = make.allotment(pieces=3), uuid4()

    answers = both_decide(race, gate, *[partial(ask, sale, vera.pk, key)] * 2, twins=[UNLOCKED])

    assert verdicts(answers) == ["held", "key_reused"]


def test_a_double_click_hears_the_same_twice(race: Race, gate: Gate, vera: Shopper) -> None:
    sale, key = make.allotment(pieces=3), uuid4()

    first, second = both_decide(race, gate, *[partial(ask, sale, vera.pk, key)] * 2)

    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.verdict, first.hold_id, first.numbers) == (second.verdict, second.hold_id, second.numbers)


# The limit, over the tabs and browsers of a person.


@pytest.mark.naive
def test_without_a_lock_a_person_with_two_browsers_has_two(race: Race, gate: Gate) -> None:
    sale, person = make.allotment(pieces=8), make.user()
    tabs = [partial(ask, sale, make.shopper(person).pk) for _ in range(2)]

    answers = both_decide(race, gate, *tabs, twins=[UNLOCKED])

    assert verdicts(answers) == ["held", "held"]
    assert Hold.objects.count() == 2


def test_a_person_with_two_browsers_has_one(race: Race, gate: Gate) -> None:
    sale, person = make.allotment(pieces=8), make.user()

    answers = both_decide(race, gate, *(partial(ask, sale, make.shopper(person).pk) for _ in range(2)))

    assert verdicts(answers) == ["held", "limit"]


def two_browsers_in_a_group() -> list[str]:
    sale, person = make.allotment(pieces=8), make.user()
    asks = [Ask(make.shopper(person).pk, uuid4(), 1) for _ in range(2)]
    first = claim_together(allotment_id=sale.pk, asks=asks)
    again = [ask for ask, answer in zip(asks, first, strict=True) if answer.verdict == "again"]
    return [answer.verdict for answer in first + claim_together(allotment_id=sale.pk, asks=again)]


@pytest.mark.naive
def test_a_group_that_counts_only_what_was_there_before_it_gives_a_person_two() -> None:
    with replaced(Twin("no again", "claim_pieces", "when a.person = any(served) then 'again'", "")):
        assert two_browsers_in_a_group() == ["held", "held"]

    assert LIMIT in broken_invariants()


def test_the_second_browser_of_a_person_in_a_group_is_asked_again_in_the_next() -> None:
    assert two_browsers_in_a_group() == ["held", "again", "limit"]


# Two sweeps.


def naive_end(sale: Allotment, between: Barrier) -> None:
    """Count what is free, then put it back."""
    free = Piece.objects.filter(allotment=sale, state=PieceState.FREE).count()
    between.wait(timeout=10)
    with transaction.atomic():
        level = StockLevel.objects.select_for_update().get(variant=sale.variant)
        StockMove.objects.create(
            level=level, delta=free, reason="from_drop", reference=f"allotment:{sale.pk}:{uuid4()}"
        )
        level.on_hand += free
        level.save()
        Piece.objects.filter(allotment=sale).update(state=PieceState.WITHDRAWN)


@pytest.mark.naive
def test_two_naive_ends_put_everything_back_twice(race: Race) -> None:
    sale, between = make.allotment(pieces=3), Barrier(2)

    race(*[partial(naive_end, sale, between)] * 2)

    assert make.on_hand(sale.variant) == 6


def test_two_sweeps_put_everything_back_once(race: Race, gate: Gate, vera: Shopper) -> None:
    sale = make.allotment(pieces=3, opens_at=clock.database_now() - timedelta(minutes=10))
    Allotment.objects.update(opens_at=sale.opens_at - timedelta(minutes=9))  # type: ignore[operator]

    with replaced(gate.before("end_allotment", "update shop_allotment")):
        ended = race(*[services.end_due_allotments] * 2, meanwhile=partial(gate.open_when, stuck=2))

    assert sorted(ended) == [0, 1]  # type: ignore[type-var]
    assert make.on_hand(sale.variant) == 3


# An offer of the line, against a claim.


def somebody_waits(sale: Allotment, holder: Shopper) -> tuple[Hold, Shopper]:
    hold, waiter = make.hold(holder, sale), make.shopper()
    services.join_line(allotment_id=sale.pk, shopper_id=waiter.pk, quantity=1, takes_fewer=False)
    return hold, waiter


def test_freed_first_and_offered_afterwards_it_goes_to_who_claims_in_between(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1)
    hold, _ = somebody_waits(sale, vera)

    with replaced(Twin("no offer", "let_go_hold", "perform place_free_pieces(sale);", "")):
        services.let_go(hold_id=hold.pk, shopper=vera)
    claimed = ask(sale, victor.pk)

    assert verdicts([claimed]) == ["held"]
    assert "nobody was served before somebody earlier in the line whom it fitted" in broken_invariants()
    Waiter.objects.all().delete()


def test_what_is_let_go_is_the_waiters_before_anybody_can_claim_it(
    race: Race, gate: Gate, vera: Shopper, victor: Shopper
) -> None:
    sale = make.allotment(pieces=1)
    hold, waiter = somebody_waits(sale, vera)

    with replaced(gate.before("let_go_hold", "perform place_free_pieces(sale);")):
        _, claimed = race(
            partial(services.let_go, hold_id=hold.pk, shopper=vera),
            partial(gate.then, partial(ask, sale, victor.pk)),
            meanwhile=partial(gate.open_when, stuck=2),
        )

    assert verdicts([claimed]) == ["sold_out"]
    assert Piece.objects.get().hold.shopper_id == waiter.pk  # type: ignore[union-attr]


# The end of a sale, against a claim.


@pytest.mark.naive
def test_without_a_lock_a_piece_is_claimed_and_back_in_stock(race: Race, gate: Gate, vera: Shopper) -> None:
    sale = make.allotment(pieces=1)

    def end_meanwhile() -> None:
        gate.wait_for(stuck=1)
        services.end_allotment(allotment_id=sale.pk)
        gate.open()

    with replaced(UNLOCKED, gate.before("claim_pieces", DECIDED)):
        (claimed,) = race(partial(ask, sale, vera.pk), meanwhile=end_meanwhile)

    assert verdicts([claimed]) == ["held"]
    assert make.on_hand(sale.variant) == 1


def test_a_claim_and_the_end_wait_for_each_other(race: Race, gate: Gate, vera: Shopper) -> None:
    sale = make.allotment(pieces=2)

    with replaced(gate.before("claim_pieces", DECIDED)):
        claimed, _ = race(
            partial(ask, sale, vera.pk),
            partial(gate.then, partial(services.end_allotment, allotment_id=sale.pk)),
            meanwhile=partial(gate.open_when, stuck=2),
        )

    assert verdicts([claimed]) == ["held"]
    assert sorted(Piece.objects.values_list("state", flat=True)) == [PieceState.HELD, PieceState.WITHDRAWN]


# Two desks with the groups of two sales, of the same shoppers and keys in another order.


def two_groups(race: Race, gate: Gate) -> list[object]:
    """Each has written its first hold before any writes its second; how each was answered."""
    crowd = [(uuid4(), uuid4()) for _ in range(2)]
    for shopper_id, _ in crowd:
        Shopper.objects.create(pk=shopper_id)

    def group(people: Sequence[tuple[UUID, UUID]]) -> list[str]:
        asks = [Ask(*person, 1) for person in people]
        try:
            return verdicts(claim_together(allotment_id=make.allotment(pieces=2).pk, asks=asks))
        except OperationalError as error:
            return [type(error.__cause__).__name__]

    with second_rows_wait_at(gate):
        answers = race(partial(group, crowd), partial(group, crowd[::-1]), meanwhile=partial(gate.open_when, stuck=2))
    return sorted(answers)  # type: ignore[type-var]


@contextmanager
def second_rows_wait_at(gate: Gate) -> Iterator[None]:
    """A transaction writes its first hold, and its second once the gate is open."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""create function second_waits() returns trigger language plpgsql as $$ begin
                if current_setting('race.row', true) = 'second' then {gate.sql} end if;
                perform set_config('race.row', 'second', true);
                return new;
            end $$;
            create trigger second_waits before insert on shop_hold for each row execute function second_waits()"""
        )
        try:
            yield
        finally:
            cursor.execute("drop trigger second_waits on shop_hold; drop function second_waits()")


def test_written_as_they_came_two_groups_with_the_same_keys_lock_each_other(race: Race, gate: Gate) -> None:
    with replaced(Twin("as they came", "give_pieces", "order by ss[o], ks[o]", "order by o")):
        assert ["DeadlockDetected"] in two_groups(race, gate)


def test_two_groups_with_the_same_keys_wait_and_one_hears_that_they_are_taken(race: Race, gate: Gate) -> None:
    assert two_groups(race, gate) == [["held", "held"], ["key_reused", "key_reused"]]


# Everything at once.


def test_groups_sweeps_the_line_and_the_end_at_once_lock_nobody_out(race: Race) -> None:
    sale, crowd = make.allotment(pieces=40, per_person=2), [uuid4() for _ in range(96)]

    def groups(half: Sequence[UUID]) -> list[str]:
        return verdicts(claim_together(allotment_id=sale.pk, asks=[Ask(one, uuid4(), 1) for one in half]))

    def wait_in_line() -> None:
        for _ in range(10):
            with suppress(Refusal):
                services.join_line(allotment_id=sale.pk, shopper_id=uuid4(), quantity=1, takes_fewer=False)

    def sweep() -> None:
        for _ in range(10):
            Hold.objects.filter(pk__in=list(Hold.objects.values_list("pk", flat=True)[:2]), pay_until=None).update(
                held_until=clock.database_now() - timedelta(seconds=3)
            )
            services.free_due()

    answers = race(
        partial(groups, crowd[:64]), partial(groups, crowd[32:]), sweep, services.free_due, wait_in_line,
        partial(services.end_allotment, allotment_id=sale.pk),
    )  # fmt: skip

    assert answers[-1] is True
    assert set(verdicts_of(answers[:2])) <= {"held", "limit", "sold_out", "over"}
    away = Piece.objects.filter(state=PieceState.HELD).count()
    assert make.on_hand(sale.variant) == 40 - away


def verdicts_of(answers: Sequence[object]) -> Iterator[str]:
    for answer in answers:
        assert isinstance(answer, list)
        yield from answer
