"""Price ladders: written on the pieces once, risen through one by one, and shown as they stand."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from liveevents.claims.services import claim
from liveevents.drops import errors
from liveevents.drops.ladder import Step, percent_off
from liveevents.drops.models import Drop
from liveevents.drops.now import DropNow
from liveevents.drops.planning import plan_drop
from liveevents.drops.queries import drops_now
from liveevents.drops.services import end_drop, schedule_drop
from shop.accounts.models import Shopper
from shop.core.facts import Fact
from shop.core.money import Money
from shop.pricing.least import least_price
from shop.stock.errors import TooFewLeft
from shop.stock.models import Audience
from shop.stock.services import fence, let_go, sell
from tests import make
from tests.conftest import NOON
from tests.make import live
from tests.shop.web.pages import count_queries, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon."""


def euros(*minor: int) -> list[Money]:
    return [Money(one, "EUR") for one in minor]


def steps(*of: tuple[int, int]) -> list[Step]:
    return [Step(pieces, Money(minor, "EUR")) for pieces, minor in of]


def laddered(**terms: Any) -> Drop:
    """Two at €10, three at €14, the last at €20, open."""
    fitting = {"pieces": 6, "price_minor": 2000, "per_person": 6, "ladder": steps((2, 1000), (3, 1400)), **terms}
    return live.drop(opens_at=NOON, **fitting)


def seen(drop: Drop) -> DropNow:
    (now,) = drops_now(event=drop.event, shopper=Shopper())
    return now


def take(drop: Drop, quantity: int, by: Shopper | None = None) -> Any:
    return claim(drop_id=drop.pk, shopper_id=(by or make.shopper()).pk, key=uuid4(), quantity=quantity)


def state(drop: Drop) -> Any:
    return Client().get(f"/e/{drop.event.store.handle}/{drop.event.slug}/state/").json()["drops"][str(drop.pk)]


def page(drop: Drop) -> str:
    return words(Client().get(f"/e/{drop.event.store.handle}/{drop.event.slug}/"))


def test_the_first_pieces_cost_what_the_steps_say_and_the_rest_the_drops_price() -> None:
    drop = laddered()

    assert [piece.price_minor for piece in drop.allotment.pieces.order_by("place")] == [
        1000,
        1000,
        1400,
        1400,
        1400,
        2000,
    ]
    assert drop.offer.price == Money(2000, "EUR")


def test_a_claim_over_a_step_pays_each_piece_its_own_price() -> None:
    drop = laddered()

    claimed = take(drop, 3)

    assert list(claimed.prices) == euros(1000, 1000, 1400)
    assert claimed.total == Money(3400, "EUR")


def test_the_price_is_the_next_free_pieces_and_says_when_it_rises() -> None:
    drop = laddered()
    told = [(seen(drop).price, seen(drop).left_at_price, seen(drop).next_price)]
    for quantity in (1, 3, 1, 1):
        take(drop, quantity)
        told.append((seen(drop).price, seen(drop).left_at_price, seen(drop).next_price))

    low, middle, high = euros(1000, 1400, 2000)
    assert told == [(low, 2, middle), (low, 1, middle), (middle, 1, high), (high, 1, None), (high, 0, None)]


def test_a_cheap_piece_that_comes_back_is_the_next_again(vera: Shopper) -> None:
    drop = laddered()
    claimed = take(drop, 2, vera)
    assert seen(drop).price == Money(1400, "EUR")

    let_go(hold_id=claimed.hold_id, shopper=vera)

    assert (seen(drop).price, seen(drop).next_price) == tuple(euros(1000, 1400))


def test_the_money_is_the_sum_of_real_prices() -> None:
    drop = laddered()
    sold, _ = take(drop, 3), take(drop, 1)
    with transaction.atomic():
        fence(hold_ids=[sold.hold_id], for_s=300)
        sell(hold_ids=[sold.hold_id])

    assert seen(drop).taken == Money(3400, "EUR")
    assert [(rung.price.amount_minor, rung.counts.sold, rung.pieces) for rung in seen(drop).ladder] == [
        (1000, 2, 2),
        (1400, 1, 3),
        (2000, 0, 1),
    ]
    assert (seen(drop).counts.sold, seen(drop).counts.held, seen(drop).counts.free, seen(drop).pieces) == (3, 1, 2, 6)


def test_steps_may_take_up_the_whole_drop() -> None:
    drop = laddered(pieces=5, per_person=5)

    take(drop, 5)

    assert seen(drop).price == Money(2000, "EUR")
    assert seen(drop).counts.free == 0


def test_a_ladder_costs_no_query_more() -> None:
    plain = live.drop(opens_at=NOON)
    with count_queries() as before:
        seen(plain)
    drop = laddered()
    with count_queries() as after:
        assert len(seen(drop).ladder) == 3

    assert len(before) == len(after)


def test_the_page_and_its_state_say_the_price_and_when_it_rises() -> None:
    drop = laddered()
    first, said = state(drop), page(drop)
    take(drop, 1)
    second = state(drop)
    take(drop, 4)
    last = state(drop)

    assert "€10.00 instead of €20.00" in said
    assert "then €14.00 after 2 more" in said
    assert "Claim for €10.00" in said
    assert [(one["price"], one["then"]) for one in (first, second, last)] == [
        ("€10.00", "then €14.00 after 2 more"),
        ("€10.00", "then €14.00 after one more"),
        ("€20.00", ""),
    ]


def test_before_it_opens_the_ladder_is_told_and_after_it_ended_too() -> None:
    drop = live.planned_drop(pieces=6, price_minor=2000, ladder=steps((2, 1000), (3, 1400)))
    schedule_drop(drop=drop, opens_at=NOON.replace(hour=13))
    announced = page(drop)
    end_drop(drop=drop)

    assert "for the first 2, then €14.00" in announced
    assert "0 of 6 sold, from €10.00" in page(drop)


def test_a_drop_at_one_price_says_nothing_of_steps() -> None:
    drop = live.drop(opens_at=NOON)

    assert state(drop)["then"] == ""
    assert "then €" not in page(drop)


def test_the_api_tells_what_is_left_at_each_price() -> None:
    drop = laddered()
    take(drop, 3)

    told = Client().get(f"/api/v1/drops/{drop.pk}/").json()

    assert told["price"]["amount_minor"] == 1400
    assert [(rung["price"]["amount_minor"], rung["left"], rung["pieces"]) for rung in told["ladder"]] == [
        (1000, 0, 2),
        (1400, 2, 3),
        (2000, 1, 1),
    ]


@pytest.mark.parametrize(
    ("wrong", "refusal", "step"),
    [
        (steps((0, 1000)), errors.BadLadder, 0),
        (steps((2, 1000), (-1, 1400)), errors.BadLadder, 1),
        (steps((2, 1000), (5, 1400)), errors.BadLadder, 1),
        (steps((10**9, 1000)), errors.BadLadder, 0),
        (steps(*[(1, 1000)] * 5), errors.BadLadder, 4),
        (steps((1, 1400), (1, 1000)), errors.FallingLadder, 1),
        (steps((1, 1000), (1, 2001)), errors.FallingLadder, 1),
        (steps((1, 49)), errors.BadPrice, 0),
        (steps((1, 0)), errors.BadPrice, 0),
        (steps((1, 1000), (1, -5)), errors.BadPrice, 1),
        ([Step(1, Money(1000, "USD"))], errors.BadPrice, 0),
    ],
)
def test_a_ladder_that_does_not_fit_is_refused_at_its_step_and_no_piece_moves(
    wrong: list[Step], refusal: Any, step: int
) -> None:
    goods = make.variant(make.product(store := make.store()), stock=20)

    with pytest.raises(refusal) as refused:
        plan(store, goods, ladder=wrong)

    assert (refused.value.details["field"], refused.value.details["step"]) == ("ladder", step)
    assert make.on_hand(goods) == 20
    assert not Drop.objects.exists()


def test_equal_prices_beside_each_other_are_no_fall() -> None:
    drop = laddered(ladder=steps((2, 2000), (3, 2000)))

    assert [(rung.price.amount_minor, rung.pieces) for rung in seen(drop).ladder] == [(2000, 6)]


@pytest.mark.parametrize(("currency", "too_low", "least"), [("EUR", 49, 50), ("GBP", 29, 30), ("JPY", 49, 50)])
def test_a_piece_costs_at_least_what_a_card_can_be_charged(currency: str, too_low: int, least: int) -> None:
    store = make.store(currency=currency)
    goods = make.variant(make.product(store), stock=20)

    with pytest.raises(errors.BadPrice) as refused:
        plan(store, goods, price=Money(too_low, currency))

    assert refused.value.said == f"A piece costs at least {Money(least, currency).format()}."
    assert plan(store, goods, price=Money(least, currency)).pk


def test_a_currency_without_a_known_least_takes_any_price() -> None:
    assert least_price("ISK") == Money(1, "ISK")


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"audience": Audience.CODE_WORD}, errors.BadCodeWord),
        ({"code_word": "ab", "audience": Audience.CODE_WORD}, errors.BadCodeWord),
        ({"code_word": "a! b?", "audience": Audience.CODE_WORD}, errors.BadCodeWord),
        ({"code_word": "blue moon"}, errors.BadCodeWord),
        ({"code_word": "blue moon", "audience": Audience.FOLLOWERS}, errors.BadCodeWord),
        ({"offer_s": 29}, errors.BadOfferTime),
        ({"offer_s": 901}, errors.BadOfferTime),
    ],
)
def test_a_term_that_makes_no_sense_is_refused_at_its_field(wrong: dict[str, Any], refusal: Any) -> None:
    goods = make.variant(make.product(store := make.store()), stock=20)

    with pytest.raises(refusal) as refused:
        plan(store, goods, **wrong)

    assert refused.value.details["field"] == ("offer_s" if "offer_s" in wrong else "code_word")
    assert make.on_hand(goods) == 20


def test_the_word_is_kept_as_it_is_compared_and_told_to_nobody() -> None:
    goods = make.variant(make.product(store := make.store()), stock=20)

    sale = plan(
        store, goods, audience=Audience.CODE_WORD, code_word="Blue Moon!", takes_fewer=True, offer_s=60
    ).allotment

    assert (sale.audience, sale.code_word, sale.takes_fewer, sale.offer_s) == ("code_word", "bluemoon", True, 60)
    assert not [fact for fact in Fact.objects.all() if "bluemoon" in str(fact.numbers)]


def test_who_asks_for_more_than_are_left_gets_those_where_the_drop_says_so() -> None:
    drop = laddered(takes_fewer=True)
    take(drop, 4)

    assert take(drop, 3).numbers == (5, 6)


def test_all_or_none_where_the_drop_says_nothing() -> None:
    drop = laddered()
    take(drop, 4)

    with pytest.raises(TooFewLeft, match="Only 2 left"):
        take(drop, 3)

    assert seen(drop).counts.free == 2


@pytest.mark.parametrize(("percent", "left"), [(50, 1000), (30, 1400), (33, 1340), (1, 1980), (0, 2000)])
def test_percent_off(percent: int, left: int) -> None:
    assert percent_off(Money(2000, "EUR"), percent) == Money(left, "EUR")


def test_part_of_a_cent_is_taken_off_too() -> None:
    assert percent_off(Money(1999, "EUR"), 50) == Money(999, "EUR")


def plan(store: Any, goods: Any, **terms: Any) -> Drop:
    fitting: dict[str, Any] = {
        "price": Money(2000, "EUR"),
        "pieces": 6,
        "per_person": 1,
        "hold_s": 120,
        "duration_s": 300,
    }
    return plan_drop(event=live.event(store), variant=goods, title="Mug", **{**fitting, **terms})
