"""The honest record: what was done to a drop, by whom, from the rows, once, and never rewritten."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from liveevents.drops import changing, services
from liveevents.drops.models import Drop, DropEntry
from liveevents.drops.record import Tally, changes, keep_records, keep_settled_records
from liveevents.events.services import end_event
from shop.accounts.models import Shopper
from shop.core.money import Money
from shop.stock.claiming import claim_pieces
from shop.stock.models import Allotment
from shop.stock.services import end_due_allotments, fence, free_due, let_go, sell, take_back, unfence, write_off
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon."""


def later(seconds: float) -> None:
    set_clock(NOON + timedelta(seconds=seconds))


def opened(**terms: Any) -> Drop:
    return live.drop(opens_at=NOON, **terms)


def take(drop: Drop, by: Shopper | None = None, quantity: int = 1) -> int:
    asker = by or make.shopper()
    claimed = claim_pieces(allotment_id=drop.allotment_id, shopper_id=asker.pk, key=uuid4(), quantity=quantity)
    return claimed.hold_id


def pay(hold_id: int) -> None:
    with transaction.atomic():
        fence(hold_ids=[hold_id], for_s=60)
        sell(hold_ids=[hold_id])


def kinds(drop: Drop) -> list[str]:
    return [entry.kind for entry in drop.entries.all()]


def last(drop: Drop) -> dict[str, Any]:
    numbers: dict[str, Any] = drop.entries.order_by("-sequence")[0].numbers
    return numbers


def test_a_plan_an_announcement_and_an_opening_by_hand_are_told_with_their_change() -> None:
    drop = live.planned_drop(pieces=5, price_minor=1500, per_person=2, duration_s=300)

    services.schedule_drop(drop=drop, opens_at=NOON + timedelta(hours=1))
    later(10)
    services.open_drop(drop=drop)

    planned, announced, opening = drop.entries.all()
    assert [entry.sequence for entry in (planned, announced, opening)] == [1, 2, 3]
    assert planned.numbers["prices"] == [{"price_minor": 1500, "pieces": 5}]
    assert announced.numbers["opens_at"] == (NOON + timedelta(hours=1)).isoformat()
    assert (opening.kind, opening.at) == ("opened", NOON + timedelta(seconds=10))
    assert opening.numbers == {
        "pieces": 5,
        "free": 5,
        "held": 0,
        "paying": 0,
        "sold": 0,
        "returned": 0,
        "prices": [{"price_minor": 1500, "pieces": 5}],
        "per_person": 2,
        "audience": "everyone",
        "closes_at": (NOON + timedelta(seconds=310)).isoformat(),
    }


def test_a_drop_that_opens_by_its_clock_opened_at_its_hour_however_late_somebody_looks() -> None:
    drop = opened(pieces=3)
    take(drop)
    later(40)

    assert [keep_records(), keep_records()] == [1, 0]

    opening = drop.entries.get(kind="opened")
    assert opening.at == NOON
    assert (opening.numbers["pieces"], opening.numbers["free"], opening.numbers["held"]) == (3, 3, 0)


def test_nothing_opened_before_its_hour() -> None:
    drop = live.planned_drop()
    services.schedule_drop(drop=drop, opens_at=NOON + timedelta(seconds=20))

    assert keep_records() == 0
    later(20)
    assert keep_records() == 1
    assert kinds(drop) == ["planned", "announced", "opened"]


def test_what_it_opened_with_is_told_before_what_changed_it() -> None:
    drop = opened(pieces=3, price_minor=2000)
    later(40)

    changing.lower_price(drop=drop, price=Money(1500, "EUR"))

    assert kinds(drop) == ["planned", "opened", "price_changed"]
    assert drop.entries.get(kind="opened").numbers["prices"] == [{"price_minor": 2000, "pieces": 3}]


def test_sales_are_sums_of_a_moment_and_holds_are_nobodys_business() -> None:
    drop = opened(pieces=5)
    first, second = take(drop), take(drop)
    keep_records()
    assert keep_records() == 0

    pay(first)
    pay(second)
    later(2)

    assert [keep_records(), keep_records()] == [1, 0]
    assert kinds(drop) == ["planned", "opened", "sold"]
    assert (last(drop)["sold"], last(drop)["free"]) == (2, 3)


def test_sold_out_and_a_piece_that_came_back() -> None:
    drop = opened(pieces=1, hold_s=30)
    hold = take(drop)
    keep_records()
    let_go(hold_id=hold, shopper=Shopper.objects.get(holds=hold))

    keep_records()

    assert kinds(drop) == ["planned", "opened", "sold_out", "came_back"]
    assert last(drop)["free"] == 1


def test_a_refund_is_told_also_after_the_drop_was_settled() -> None:
    drop = opened(pieces=3)
    pay(take(drop))
    pay(take(drop))
    services.end_drop(drop=drop)
    assert kinds(drop)[-2:] == ["closed", "settled"]

    sold = list(drop.allotment.pieces.filter(state=3))
    with transaction.atomic():
        take_back(piece_ids=[sold[0].pk])
        write_off(piece_ids=[sold[1].pk])

    assert keep_records() == 0
    assert [keep_settled_records(), keep_settled_records()] == [1, 0]
    assert kinds(drop)[-1] == "refunded"
    assert (last(drop)["sold"], last(drop)["returned"]) == (0, 2)


def test_an_end_by_hand_says_what_was_sold_and_what_went_back() -> None:
    drop = opened(pieces=5)
    pay(take(drop))
    held = take(drop)
    later(30)

    services.end_drop(drop=drop)

    closed = drop.entries.get(kind="closed")
    assert (closed.numbers["by"], closed.at) == ("hand", NOON + timedelta(seconds=30))
    assert [closed.numbers[name] for name in ("sold", "held", "returned", "free")] == [1, 1, 3, 0]
    assert "settled" not in kinds(drop)
    pay(held)
    assert [keep_records(), keep_records()] == [1, 0]
    assert kinds(drop)[-2:] == ["sold", "settled"]
    assert [last(drop)[name] for name in ("sold", "returned")] == [2, 3]


def test_a_hold_that_runs_out_after_the_end_settles_it() -> None:
    drop = opened(pieces=1, hold_s=30)
    hold = take(drop)
    services.end_drop(drop=drop)
    with transaction.atomic():
        fence(hold_ids=[hold], for_s=60)
    later(40)
    assert keep_records() == 0

    with transaction.atomic():
        unfence(hold_ids=[hold])
    later(80)
    free_due()

    assert keep_records() == 1
    assert kinds(drop)[-1] == "settled"
    assert [last(drop)[name] for name in ("sold", "returned")] == [0, 1]


def test_the_clock_closes_at_the_end_of_the_window_however_late_tick_is() -> None:
    drop = opened(pieces=3, lasts=timedelta(seconds=60))
    pay(take(drop))
    later(300)

    assert keep_records() == 0
    assert [services.end_due_drops(), services.end_due_drops()] == [1, 0]

    closed = drop.entries.get(kind="closed")
    assert (closed.numbers["by"], closed.at) == ("clock", NOON + timedelta(seconds=60))
    assert kinds(drop) == ["planned", "opened", "closed", "settled"]


def test_an_end_that_somebody_else_made_by_the_clock_is_told_once() -> None:
    drop = opened(lasts=timedelta(seconds=60))
    later(61)
    end_due_allotments()

    assert [services.end_due_drops(), services.end_due_drops()] == [1, 0]

    assert drop.entries.get(kind="closed").numbers["by"] == "clock"


def test_the_end_of_the_show_is_why_its_drops_closed() -> None:
    drop = opened()
    later(5)
    end_event(event=drop.event, at=NOON)
    with transaction.atomic():
        services.end_drops_of(event_id=drop.event_id)

    assert drop.entries.get(kind="closed").numbers["by"] == "show"


def test_a_plan_that_was_discarded_never_opened() -> None:
    drop = live.planned_drop()
    services.schedule_drop(drop=drop, opens_at=NOON + timedelta(seconds=20))
    services.end_drop(drop=drop)
    later(30)

    assert keep_records() == 0
    assert kinds(drop) == ["planned", "announced", "closed", "settled"]


def test_a_drop_ends_by_itself_once_every_piece_is_sold() -> None:
    drop, other = opened(pieces=2), opened(pieces=1)
    pay(take(drop))
    held = take(drop)
    assert services.end_sold_drops() == 0
    pay(held)
    take(other)

    assert [services.end_sold_drops(), services.end_sold_drops()] == [1, 0]

    assert drop.entries.get(kind="closed").numbers["by"] == "sold"
    assert last(drop)["returned"] == 0
    assert Allotment.objects.get(pk=other.allotment_id).ended_at is None


def test_who_waits_for_a_drop_that_sold_out_for_good_goes_home() -> None:
    drop = opened(pieces=1)
    hold = take(drop)
    waiter = live.waits(make.shopper(), drop)
    pay(hold)

    services.end_sold_drops()

    waiter.refresh_from_db()
    assert waiter.left_at is not None


@pytest.mark.parametrize(
    "sql",
    [
        "update liveevents_dropentry set at = now()",
        "delete from liveevents_dropentry",
    ],
)
def test_the_database_refuses_to_rewrite_it(sql: str) -> None:
    drop = opened()

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert kinds(drop) == ["planned"]


def test_the_database_refuses_to_empty_it() -> None:
    drop = opened()
    in_earnest = "set constraints all immediate; alter table liveevents_dropentry enable trigger record_never_emptied;"

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{in_earnest} truncate liveevents_dropentry")

    assert kinds(drop) == ["planned"]


def test_what_happens_once_is_told_once() -> None:
    drop = opened()
    keep_records()

    with pytest.raises(IntegrityError), transaction.atomic():
        DropEntry.objects.create(drop=drop, sequence=9, kind="opened", at=NOON, numbers={})


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ((5, 5, 0, 0, 0, 0), (5, 3, 2, 0, 0, 0), []),
        ((5, 3, 0, 0, 2, 0), (5, 0, 3, 0, 2, 0), ["sold_out"]),
        ((5, 3, 0, 0, 2, 0), (5, 0, 0, 1, 4, 0), ["sold", "sold_out"]),
        ((5, 0, 1, 0, 4, 0), (5, 1, 0, 0, 4, 0), ["came_back"]),
        ((5, 0, 0, 0, 5, 0), (5, 1, 0, 0, 4, 0), ["refunded", "came_back"]),
        ((5, 0, 0, 0, 5, 0), (5, 0, 0, 0, 4, 0), ["refunded"]),
        ((5, 0, 0, 0, 4, 1), (5, 0, 0, 0, 4, 1), []),
    ],
)
def test_two_tallies_tell_what_happened_between_them(before: Any, now: Any, told: list[str]) -> None:
    assert changes(Tally(*before), Tally(*now)) == told


def test_looking_at_quiet_records_costs_one_query(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        opened()
    keep_records()

    with django_assert_num_queries(1):
        assert keep_records() == 0
