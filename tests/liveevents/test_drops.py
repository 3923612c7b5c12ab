"""Drops: planned from stock once, open by the clock, ended once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from liveevents.claims.services import claim
from liveevents.drops import errors, services
from liveevents.drops.models import Drop
from liveevents.drops.now import DropNow, DropState
from liveevents.drops.planning import plan_drop
from liveevents.drops.queries import Sums, allotments_of, drops_now, drops_on_stage, sums_of, was_called_off
from liveevents.events.models import LiveEvent
from liveevents.events.services import cancel_event, end_event
from liveevents.events.states import EventState
from shop.accounts.models import Shopper
from shop.core.facts import Fact
from shop.core.money import Money
from shop.pricing.queries import price_of
from shop.stock.models import Hold
from shop.stock.services import fence, free_due, sell
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live

pytestmark = pytest.mark.django_db


def plan(event: LiveEvent, **other: Any) -> Drop:
    terms = {"pieces": 5, "per_person": 1, "hold_s": 120, "duration_s": 300, "title": "Mug", **other}
    terms.setdefault("variant", make.variant(make.product(event.store), stock=20))
    terms.setdefault("price", Money(1500, "EUR"))
    return plan_drop(event=event, **terms)


def seen(drop: Drop, by: Shopper | None = None) -> DropNow:
    return next(one for one in drops_now(event=drop.event, shopper=by or Shopper()) if one.drop.pk == drop.pk)


def take(drop: Drop, by: Shopper, quantity: int = 1) -> int:
    return claim(drop_id=drop.pk, shopper_id=by.pk, key=uuid4(), quantity=quantity).hold_id


def kinds() -> list[str]:
    return list(Fact.objects.order_by("pk").values_list("kind", flat=True))


def test_planning_sets_the_pieces_aside_at_once(noon: object) -> None:
    variant = make.variant(make.product(store := make.store()), stock=20)

    drop = plan(live.event(store), variant=variant, pieces=5)

    assert make.on_hand(variant) == 15
    assert [piece.number for piece in drop.allotment.pieces.order_by("number")] == [1, 2, 3, 4, 5]
    assert {piece.price for piece in drop.allotment.pieces.all()} == {Money(1500, "EUR")}
    assert seen(drop).state == DropState.PLANNED
    assert kinds() == ["drop.planned"]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"pieces": 0}, errors.BadPieces),
        ({"pieces": 10_001}, errors.BadPieces),
        ({"pieces": 21}, errors.TooFewInStock),
        ({"per_person": 0}, errors.BadLimit),
        ({"per_person": 6}, errors.BadLimit),
        ({"hold_s": 29}, errors.BadHoldTime),
        ({"hold_s": 901}, errors.BadHoldTime),
        ({"duration_s": 9}, errors.BadDuration),
        ({"duration_s": 86_401}, errors.BadDuration),
        ({"title": " "}, errors.BadTitle),
        ({"price": Money(0, "EUR")}, errors.BadPrice),
        ({"price": Money(-5, "EUR")}, errors.BadPrice),
        ({"price": Money(1500, "USD")}, errors.BadPrice),
    ],
)
def test_a_wrong_term_is_refused_at_its_field_and_no_piece_moves(wrong: dict[str, Any], refusal: Any) -> None:
    variant = make.variant(make.product(store := make.store()), stock=20)

    with pytest.raises(refusal) as refused:
        plan(live.event(store), variant=variant, **wrong)

    assert refused.value.details["field"] == next(iter(wrong))
    assert make.on_hand(variant) == 20
    assert not Drop.objects.exists()


def test_stock_says_how_many_there_are() -> None:
    variant = make.variant(make.product(store := make.store()), stock=3)

    with pytest.raises(errors.TooFewInStock, match="Only 3 are in stock"):
        plan(live.event(store), variant=variant, pieces=5)


def test_a_drop_sells_its_own_stores_goods_and_nothing_to_download() -> None:
    event = live.event()

    for variant in (make.variant(stock=20), make.variant(make.product(event.store), is_digital=True)):
        with pytest.raises(errors.WrongVariant):
            plan(event, variant=variant)


@pytest.mark.parametrize("state", [EventState.ENDED, EventState.CANCELLED])
def test_nothing_is_planned_in_a_show_that_is_over(state: EventState) -> None:
    with pytest.raises(errors.ShowIsOver):
        plan(live.event(state=state))

    assert not Drop.objects.exists()


def test_a_drop_opens_by_hand_for_as_long_as_planned(noon: object) -> None:
    drop = plan(live.event(), duration_s=300)

    services.open_drop(drop=drop)

    assert (seen(drop).state, seen(drop).ms_left) == (DropState.OPEN, 300_000)
    set_clock(NOON + timedelta(seconds=299))
    assert seen(drop).is_running
    set_clock(NOON + timedelta(seconds=300))
    assert seen(drop).is_over
    assert kinds() == ["drop.planned", "drop.opened"]


def test_a_scheduled_drop_counts_down_and_opens_by_itself(noon: object) -> None:
    drop = plan(live.event())

    services.schedule_drop(drop=drop, opens_at=NOON + timedelta(seconds=20))

    assert (seen(drop).state, seen(drop).ms_to_open) == (DropState.ANNOUNCED, 20_000)
    set_clock(NOON + timedelta(seconds=20))
    assert (seen(drop).state, seen(drop).ms_to_open) == (DropState.OPEN, None)


def test_an_opening_may_be_moved_until_it_comes(noon: object) -> None:
    drop = plan(live.event())
    services.schedule_drop(drop=drop, opens_at=NOON + timedelta(seconds=20))

    services.open_drop(drop=drop)

    assert seen(drop).state == DropState.OPEN
    with pytest.raises(errors.OpenAlready):
        services.open_drop(drop=drop)
    with pytest.raises(errors.OpenAlready):
        services.schedule_drop(drop=drop, opens_at=NOON + timedelta(hours=1))


@pytest.mark.parametrize("opens_at", [NOON - timedelta(seconds=1), NOON + timedelta(days=367)])
def test_a_drop_is_not_scheduled_into_the_past_nor_far_away(noon: object, opens_at: Any) -> None:
    drop = plan(live.event())

    with pytest.raises(errors.BadOpening):
        services.schedule_drop(drop=drop, opens_at=opens_at)

    assert seen(drop).state == DropState.PLANNED


def test_nothing_opens_by_hand_before_the_show_is_live(noon: object) -> None:
    drop = plan(live.event(state=EventState.SCHEDULED))

    with pytest.raises(errors.NotOnAir):
        services.open_drop(drop=drop)

    assert seen(drop).state == DropState.PLANNED


def test_an_ended_drop_gives_back_what_nobody_took(noon: object, vera: Shopper) -> None:
    variant = make.variant(make.product(store := make.store()), stock=20)
    drop = plan(live.event(store), variant=variant, pieces=5)
    services.open_drop(drop=drop)
    take(drop, vera)

    services.end_drop(drop=drop)

    assert seen(drop).is_over
    assert make.on_hand(variant) == 19
    assert Hold.objects.get().ended_at is None
    with pytest.raises(errors.DropIsOver):
        services.end_drop(drop=drop)
    assert kinds() == ["drop.planned", "drop.opened", "drop.ended"]


def test_a_plan_that_was_dropped_cannot_be_opened(noon: object) -> None:
    drop = plan(live.event())
    services.end_drop(drop=drop)

    with pytest.raises(errors.DropIsOver):
        services.open_drop(drop=drop)


def test_the_clock_ends_what_is_due_once(noon: object) -> None:
    drop, running = plan(live.event(), duration_s=60), plan(live.event(), duration_s=600)
    services.open_drop(drop=drop)
    services.open_drop(drop=running)
    set_clock(NOON + timedelta(seconds=60))

    assert [services.end_due_drops(), services.end_due_drops()] == [1, 0]

    assert kinds().count("drop.ended") == 1
    assert seen(running).is_running


def test_a_sold_out_drop_opens_again_when_a_piece_comes_back(noon: object, vera: Shopper) -> None:
    drop = live.drop(pieces=1, hold_s=30, opens_at=NOON)
    take(drop, vera)
    assert seen(drop).state == DropState.SOLD_OUT

    set_clock(NOON + timedelta(seconds=33))
    free_due()

    assert seen(drop).state == DropState.OPEN


def test_the_price_of_a_drop_is_for_who_holds_a_piece(noon: object) -> None:
    drop = live.drop(price_minor=1500, opens_at=NOON)

    assert price_of([drop.allotment.variant])[drop.allotment.variant_id] == Money(2000, "EUR")
    assert seen(drop).price == Money(1500, "EUR")


def test_counts_and_money_follow_the_pieces(noon: object, vera: Shopper, victor: Shopper) -> None:
    drop = live.drop(pieces=5, price_minor=1500, per_person=2, opens_at=NOON)
    bought, held = take(drop, vera, 2), take(drop, victor)
    with transaction.atomic():
        fence(hold_ids=[bought], for_s=60)
        sell(hold_ids=[bought])

    now = seen(drop, by=victor)

    assert (now.counts.free, now.counts.held, now.counts.paying, now.counts.sold, now.pieces) == (2, 1, 0, 2, 5)
    assert now.taken == Money(3000, "EUR")
    assert (now.owned, now.may_take) == (1, 1)
    assert held
    assert sums_of(drop.event) == Sums(free=2, held=1, paying=0, sold=2, money=Money(3000, "EUR"))


def test_an_account_is_one_person_on_two_browsers(noon: object) -> None:
    user = make.user()
    phone, laptop = make.shopper(user), make.shopper(user)
    drop = live.drop(per_person=2, opens_at=NOON)
    take(drop, phone)

    assert seen(drop, by=laptop).owned == 1
    assert seen(drop, by=Shopper(user=user)).owned == 1


def test_the_end_of_a_show_ends_its_drops_and_leaves_holds(noon: object, vera: Shopper) -> None:
    event = live.event()
    drop = live.drop(event, opens_at=NOON)
    other = live.drop(opens_at=NOON)
    take(drop, vera)
    end_event(event=event, at=NOON)

    with transaction.atomic():
        assert services.end_drops_of(event_id=event.pk) == 1
        assert services.end_drops_of(event_id=event.pk) == 0

    assert seen(drop).is_over
    assert seen(drop).counts.held == 1
    assert seen(other).is_running


def test_calling_a_show_off_lets_go_of_what_is_not_being_paid(noon: object, vera: Shopper, victor: Shopper) -> None:
    event = live.event()
    drop = live.drop(event, opens_at=NOON)
    paying = take(drop, vera)
    take(drop, victor)
    with transaction.atomic():
        fence(hold_ids=[paying], for_s=60)
    cancel_event(event=event, at=NOON)

    for _ in range(2):
        with transaction.atomic():
            services.call_off_drops_of(event_id=event.pk)

    assert seen(drop).is_over
    assert (seen(drop).counts.held, seen(drop).counts.paying) == (0, 1)
    assert was_called_off(allotment_ids=[drop.allotment_id])
    assert allotments_of(event.pk) == [drop.allotment_id]


def test_drops_are_read_in_one_query(noon: object, vera: Shopper, django_assert_num_queries: Any) -> None:
    event = live.event()
    for _ in range(3):
        take(live.drop(event, opens_at=NOON), vera)

    with django_assert_num_queries(1):
        rows = drops_now(event=event, shopper=vera)
        assert [(row.owned, row.product.title, row.price) for row in rows] == [(1, "Mug", Money(1800, "EUR"))] * 3


def test_viewers_see_what_runs_what_has_its_hour_and_the_last_few(noon: object, django_assert_num_queries: Any) -> None:
    event = live.event()
    ended = [live.drop(event, opens_at=NOON) for _ in range(5)]
    for drop in ended:
        services.end_drop(drop=drop)
    live.planned_drop(event)
    announced, running = live.drop(event, opens_at=NOON + timedelta(hours=1)), live.drop(event, opens_at=NOON)

    with django_assert_num_queries(1):
        seen_by_viewers = drops_on_stage(event=event, shopper=Shopper())

    assert len([now for now in seen_by_viewers if now.is_over]) == 3
    assert [now.drop for now in seen_by_viewers if not now.is_over] == [announced, running]
    assert len(drops_now(event=event, shopper=Shopper())) == 8
