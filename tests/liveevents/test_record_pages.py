"""The record as the public reads it: one page, one endpoint, the numbers of the rows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from liveevents.drops import changing, services
from liveevents.drops.models import Drop
from liveevents.drops.record import keep_records
from liveevents.events.states import EventState
from shop.accounts.models import User
from shop.core.money import Money
from shop.stock.claiming import claim_pieces
from shop.stock.services import fence, sell
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon."""


def later(seconds: float) -> None:
    set_clock(NOON + timedelta(seconds=seconds))


def sell_one(drop: Drop) -> None:
    claimed = claim_pieces(allotment_id=drop.allotment_id, shopper_id=make.shopper().pk, key=uuid4(), quantity=1)
    with transaction.atomic():
        fence(hold_ids=[claimed.hold_id], for_s=60)
        sell(hold_ids=[claimed.hold_id])


def show(drop: Drop) -> str:
    return f"/e/{drop.event.store.handle}/{drop.event.slug}/"


def address(drop: Drop) -> str:
    return f"{show(drop)}drops/{drop.pk}/record/"


def page(drop: Drop) -> str:
    return " ".join(Client().get(address(drop)).content.decode().split())


def answer(drop: Drop, after: int = 0) -> Any:
    return Client().get(f"/api/v1/drops/{drop.pk}/record/?after={after}").json()


def whole_life() -> Drop:
    """Announced, opened, sold from, extended, cheaper, larger, ended by hand."""
    drop = live.planned_drop(pieces=3, price_minor=2000, duration_s=600)
    make.stock_up(drop.allotment.variant, 2)
    services.schedule_drop(drop=drop, opens_at=NOON)
    later(10)
    sell_one(drop)
    keep_records()
    changing.extend_drop(drop=drop, by_s=60, seen=NOON + timedelta(minutes=10))
    changing.lower_price(drop=drop, price=Money(1500, "EUR"))
    changing.add_pieces(drop=drop, more=2, seen=3)
    later(20)
    services.end_drop(drop=drop)
    return drop


def test_the_page_tells_the_whole_life_in_words() -> None:
    said = page(whole_life())

    for sentence in [
        "3 pieces were set aside from the stock.",
        "€20.00 a piece.",
        "It was announced.",
        "It opened with 3 pieces.",
        "€20.00 a piece. One a person.",
        "1 of 3 sold.",
        "It stays open longer.",
        "The price of free pieces fell to €15.00.",
        "2 pieces became cheaper. Held and sold pieces kept their price.",
        "2 pieces were added, at €15.00 each.",
        "5 in all.",
        "The shop ended it.",
        "1 sold. 4 pieces went back to the stock.",
        "In the end 1 of 5 were sold.",
        '<time datetime="2026-06-01T12:00:10+00:00" data-local="second">Mon 1 Jun, 12:00:10 UTC</time>',
    ]:
        assert sentence in said, sentence


def test_what_is_held_at_the_end_runs_its_course_and_what_is_free_goes_back(cora: User) -> None:
    drop = live.drop(live.event(make.store(owner=cora)), pieces=3, opens_at=NOON)
    hold = make.hold(make.shopper(), drop.allotment)
    studio = Client()
    studio.force_login(cora)
    later(30)

    studio.post(f"/studio/drops/{drop.pk}/end/")

    assert make.on_hand(drop.allotment.variant) == 2
    assert "The shop ended it." in page(drop)
    assert "0 sold, 1 held. 2 pieces went back to the stock." in page(drop)
    with transaction.atomic():
        fence(hold_ids=[hold.pk], for_s=60)
        sell(hold_ids=[hold.pk])
    keep_records()
    assert "In the end 1 of 3 were sold." in page(drop)


def test_a_drop_links_to_its_record_while_it_runs_and_when_it_is_over() -> None:
    drop = live.drop(opens_at=NOON)

    assert address(drop) in Client().get(show(drop)).content.decode()
    services.end_drop(drop=drop)

    assert address(drop) in Client().get(show(drop)).content.decode()


def test_a_run_of_sales_shows_its_first_and_its_last() -> None:
    drop = live.drop(pieces=9, opens_at=NOON)
    for second in range(5):
        later(second)
        sell_one(drop)
        keep_records()

    said = page(drop)

    assert [f"{sold} of 9 sold." in said for sold in range(1, 6)] == [True, False, False, False, True]
    assert [entry["numbers"]["sold"] for entry in answer(drop)["entries"] if entry["kind"] == "sold"] == [1, 2, 3, 4, 5]


def test_the_last_of_a_run_of_two_is_shown() -> None:
    drop = live.drop(pieces=9, opens_at=NOON)
    for _ in range(2):
        sell_one(drop)
        keep_records()

    assert "2 of 9 sold." in page(drop)


def test_programs_read_on_from_where_they_are() -> None:
    drop = whole_life()

    whole, rest = answer(drop), answer(drop, after=3)

    assert (whole["drop"], whole["currency"]) == (drop.pk, "EUR")
    assert [entry["sequence"] for entry in whole["entries"]] == list(range(1, 10))
    assert rest["entries"] == whole["entries"][3:]
    assert rest["entries"][0] == {
        "sequence": 4,
        "kind": "sold",
        "at": "2026-06-01T12:00:10Z",
        "numbers": {"pieces": 3, "free": 2, "held": 0, "paying": 0, "sold": 1, "returned": 0},
    }
    assert Client().get(f"/api/v1/drops/{drop.pk}/record/?after=-1").status_code == 400


def test_a_plan_a_draft_and_another_show_have_no_record() -> None:
    plan, announced, hidden = live.planned_drop(), live.drop(opens_at=NOON), live.drop(opens_at=NOON)
    hidden.event.state = EventState.DRAFT
    hidden.event.save()
    elsewhere = f"{show(plan)}drops/{announced.pk}/record/"

    for path in (address(plan), address(hidden), elsewhere):
        assert Client().get(path).status_code == 404
    for drop in (plan, hidden):
        assert Client().get(f"/api/v1/drops/{drop.pk}/record/").status_code == 404


def test_the_card_its_ticking_numbers_the_api_and_the_record_agree() -> None:
    drop = live.drop(pieces=4, price_minor=2000, opens_at=NOON)
    make.stock_up(drop.allotment.variant, 2)
    make.hold(make.shopper(), drop.allotment)
    later(30)
    changing.extend_drop(drop=drop, by_s=60, seen=NOON + timedelta(minutes=10))
    changing.lower_price(drop=drop, price=Money(1500, "EUR"))
    changing.add_pieces(drop=drop, more=2, seen=4)
    told = drop.entries.order_by("-sequence")[0].numbers
    closes_at = datetime.fromisoformat(drop.entries.get(kind="extended").numbers["closes_at"])
    ms_left = int((closes_at - NOON - timedelta(seconds=30)).total_seconds() * 1000)

    ticking = Client().get(f"{show(drop)}state/").json()["drops"][str(drop.pk)]
    said = " ".join(Client().get(show(drop)).content.decode().split())
    programs = Client().get(f"/api/v1/drops/{drop.pk}/").json()

    assert (ticking["left"], ticking["of"], ticking["ms_left"]) == (told["free"], told["pieces"], ms_left)
    assert f'.left">{told["free"]}</span> of {told["pieces"]} left' in said
    assert f'data-remaining-ms="{ms_left}"' in said
    assert (programs["pieces"]["free"], programs["pieces"]["total"]) == (told["free"], told["pieces"])
    assert programs["ms_left"] == ms_left
    assert f'Claim for <span data-bind="drops.{drop.pk}.price">€15.00</span>' in said


def test_the_page_costs_the_same_however_long_the_record_is(django_assert_max_num_queries: Any) -> None:
    drop = whole_life()

    with django_assert_max_num_queries(4):
        Client().get(address(drop))
