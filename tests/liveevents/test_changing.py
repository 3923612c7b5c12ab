"""Changing a running drop: later, cheaper, larger; refused in words, and told in its record."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from liveevents.drops import changing, errors, services
from liveevents.drops.models import Drop
from shop.accounts.models import Shopper
from shop.core.money import Money
from shop.stock.changing import NotLower, end_if_over
from shop.stock.claiming import Claimed, claim_pieces
from shop.stock.models import Allotment, StockMove
from shop.stock.queries import holds_of
from shop.stock.services import let_go
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live

pytestmark = pytest.mark.django_db
CLOSES = NOON + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon, for ten minutes."""


def take(drop: Drop, by: Shopper | None = None, quantity: int = 1) -> Claimed:
    asker = by or make.shopper()
    return claim_pieces(allotment_id=drop.allotment_id, shopper_id=asker.pk, key=uuid4(), quantity=quantity)


def prices(drop: Drop) -> list[int]:
    return list(drop.allotment.pieces.order_by("number").values_list("price_minor", flat=True))


def closes(drop: Drop) -> datetime:
    closes_at = Allotment.objects.get(pk=drop.allotment_id).closes_at
    assert closes_at is not None
    return closes_at


def kinds(drop: Drop) -> list[str]:
    return [entry.kind for entry in drop.entries.all()]


def told(drop: Drop) -> dict[str, Any]:
    numbers: dict[str, Any] = drop.entries.order_by("-sequence")[0].numbers
    return numbers


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_running_drop_closes_later_and_so_does_its_offer() -> None:
    drop = live.drop(opens_at=NOON)

    changing.extend_drop(drop=drop, by_s=60, seen=CLOSES)

    drop.offer.refresh_from_db()
    assert closes(drop) == drop.offer.closes_at == CLOSES + timedelta(seconds=60)
    assert kinds(drop) == ["planned", "opened", "extended"]
    assert (told(drop)["was"], told(drop)["closes_at"]) == (CLOSES.isoformat(), closes(drop).isoformat())
    assert drop.entries.get(kind="opened").numbers["closes_at"] == CLOSES.isoformat()


def test_a_press_that_came_twice_extends_once() -> None:
    drop = live.drop(opens_at=NOON)
    changing.extend_drop(drop=drop, by_s=60, seen=CLOSES)

    with pytest.raises(errors.ChangedMeanwhile):
        changing.extend_drop(drop=drop, by_s=60, seen=CLOSES)

    assert closes(drop) == CLOSES + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("at", "by_s", "refusal"),
    [
        (NOON - timedelta(seconds=1), 60, errors.NotOpenYet),
        (CLOSES, 60, errors.DropIsOver),
        (NOON, 0, errors.BadDuration),
        (NOON, -60, errors.BadDuration),
        (NOON, 24 * 3600 - 599, errors.BadDuration),
    ],
)
def test_what_cannot_be_extended_stays_as_it_is(at: datetime, by_s: int, refusal: Any) -> None:
    drop = live.drop(opens_at=NOON)
    set_clock(at)

    with pytest.raises(refusal):
        changing.extend_drop(drop=drop, by_s=by_s, seen=CLOSES)

    assert closes(drop) == CLOSES
    assert kinds(drop) == ["planned"]


def test_a_sale_that_was_extended_after_it_was_found_due_goes_on() -> None:
    drop = live.drop(opens_at=NOON)
    changing.extend_drop(drop=drop, by_s=60, seen=CLOSES)
    set_clock(CLOSES)

    assert end_if_over(allotment_id=drop.allotment_id) is False

    assert services.end_due_drops() == 0
    assert take(drop).numbers == (1,)


def test_free_pieces_become_cheaper_and_held_ones_keep_their_price(vera: Shopper) -> None:
    drop = live.drop(pieces=3, price_minor=2000, opens_at=NOON)
    held = take(drop, vera)

    assert changing.lower_price(drop=drop, price=euros(1500)) == 2

    drop.offer.refresh_from_db()
    assert prices(drop) == [2000, 1500, 1500]
    assert drop.offer.price == euros(1500)
    assert take(drop).prices_minor == (1500,)
    assert [piece.price for hold in holds_of(vera) for piece in hold.pieces.all()] == [euros(2000)]
    assert held.prices_minor == (2000,)
    assert (told(drop)["price_minor"], told(drop)["changed"]) == (1500, 2)


def test_a_piece_that_comes_back_costs_no_more_than_the_others(vera: Shopper) -> None:
    drop = live.drop(pieces=2, price_minor=2000, opens_at=NOON)
    held = take(drop, vera)
    changing.lower_price(drop=drop, price=euros(1500))

    let_go(hold_id=held.hold_id, shopper=vera)

    assert prices(drop) == [1500, 1500]
    assert take(drop).numbers == (1,)


def test_steps_below_the_new_price_stay() -> None:
    drop = live.drop(pieces=3, price_minor=2000, opens_at=NOON)
    drop.allotment.pieces.filter(number=1).update(price_minor=1000)

    changing.lower_price(drop=drop, price=euros(1500))

    assert prices(drop) == [1000, 1500, 1500]


@pytest.mark.parametrize("minor", [2000, 2100])
def test_a_price_never_rises(minor: int) -> None:
    drop = live.drop(pieces=2, price_minor=2000, opens_at=NOON)

    with pytest.raises(NotLower):
        changing.lower_price(drop=drop, price=euros(minor))

    assert prices(drop) == [2000, 2000]
    assert kinds(drop) == ["planned"]


def test_a_price_stays_one_that_a_card_can_pay() -> None:
    drop = live.drop(opens_at=NOON)

    for price in (euros(0), Money(1000, "USD")):
        with pytest.raises(errors.BadPrice):
            changing.lower_price(drop=drop, price=price)

    assert prices(drop) == [1800, 1800, 1800]


def test_added_pieces_are_numbered_on_handed_out_last_and_leave_the_stock() -> None:
    drop = live.drop(pieces=2, price_minor=2000, opens_at=NOON)
    make.stock_up(drop.allotment.variant, 5)
    changing.lower_price(drop=drop, price=euros(1500))

    assert changing.add_pieces(drop=drop, more=3, seen=2) == 3

    assert prices(drop) == [1500] * 5
    assert make.on_hand(drop.allotment.variant) == 2
    assert [take(drop).numbers for _ in range(5)] == [(1,), (2,), (3,), (4,), (5,)]
    assert (told(drop)["added"], told(drop)["pieces"], told(drop)["free"]) == (3, 5, 5)
    assert StockMove.objects.filter(reference__endswith=":added:3", delta=-3).count() == 1


def test_the_line_is_served_before_anybody_claims_what_was_added(vera: Shopper) -> None:
    drop = live.drop(pieces=1, opens_at=NOON)
    take(drop)
    live.waits(vera, drop)
    make.stock_up(drop.allotment.variant, 1)

    changing.add_pieces(drop=drop, more=1, seen=1)

    assert [hold.numbers for hold in holds_of(vera)] == [[2]]


@pytest.mark.parametrize(
    ("more", "seen", "refusal"),
    [
        (6, 3, errors.TooFewInStock),
        (0, 3, errors.BadPieces),
        (-1, 3, errors.BadPieces),
        (9_998, 3, errors.BadPieces),
        (1, 2, errors.ChangedMeanwhile),
    ],
)
def test_what_cannot_be_added_stays_in_stock(more: int, seen: int, refusal: Any) -> None:
    drop = live.drop(pieces=3, opens_at=NOON)
    make.stock_up(drop.allotment.variant, 5)

    with pytest.raises(refusal):
        changing.add_pieces(drop=drop, more=more, seen=seen)

    assert make.on_hand(drop.allotment.variant) == 5
    assert len(prices(drop)) == 3
    assert kinds(drop) == ["planned"]


def test_a_drop_that_is_over_changes_no_more() -> None:
    drop = live.drop(pieces=3, opens_at=NOON)
    make.stock_up(drop.allotment.variant, 5)
    services.end_drop(drop=drop)
    on_hand = make.on_hand(drop.allotment.variant)

    with pytest.raises(errors.DropIsOver):
        changing.extend_drop(drop=drop, by_s=60, seen=CLOSES)
    with pytest.raises(errors.DropIsOver):
        changing.lower_price(drop=drop, price=euros(1000))
    with pytest.raises(errors.DropIsOver):
        changing.add_pieces(drop=drop, more=1, seen=3)

    assert make.on_hand(drop.allotment.variant) == on_hand
    assert kinds(drop) == ["planned", "opened", "closed", "settled"]
