"""The demo's show: its drops are real, and its invented audience could really buy."""

import random
from datetime import timedelta

import pytest

from config.local import crowd
from config.local.show import AUDIENCES, LADDERS, PIECES, ROUND, SKUS, announce_drop
from config.local.stripe.cards import behaviour
from liveevents.drops.now import DropState
from liveevents.drops.queries import drops_now
from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.accounts.addresses import make_address
from shop.accounts.models import Shopper
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live


@pytest.mark.parametrize("home", crowd.HOMES)
def test_every_home_is_an_address_that_the_post_can_use(home: tuple[str, str, str, str]) -> None:
    street, postal_code, city, country = home

    made = make_address(name="Ida Holm", line1=f"{street} 4b", postal_code=postal_code, city=city, country=country)

    assert made.country.code == country


def test_the_cards_do_what_the_crowd_expects() -> None:
    people = [crowd.somebody(random.Random(seed)) for seed in range(50)]

    assert behaviour(crowd.DECLINED_CARD).decline
    assert all(behaviour(person.card).decline is None for person in people)
    for person in people:
        asks = "always" if person.habit == crowd.Habit.IS_ASKED_BY_BANK else "never"
        assert behaviour(person.card).authentication == asks


def test_people_differ_and_everything_happens_sometimes() -> None:
    dice = random.Random(1)

    people = [crowd.somebody(dice) for _ in range(500)]

    for each in ("email", "card"):
        assert len({getattr(person, each) for person in people}) > 495
    assert len({(person.address["line1"], person.address["city"]) for person in people}) > 490
    assert {person.habit for person in people} == set(crowd.Habit)


def test_most_drops_are_for_everyone() -> None:
    assert len(AUDIENCES) < ROUND / 2


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(ROUND))
def test_a_drop_is_announced_with_a_lead_and_restocked_if_short(noon: object, number: int) -> None:
    store = make.store("saltware")
    for state in (EventState.LIVE, EventState.SCHEDULED, EventState.DRAFT):
        live.event(store, state=state)
    goods = [make.variant(make.product(store), price_minor=2800, stock=1) for _ in SKUS]
    for variant, sku in zip(goods, SKUS, strict=True):
        variant.sku = sku
        variant.save()

    announce_drop(number, lead_s=20, dice=random.Random(number))

    on_air = LiveEvent.objects.get(state=EventState.LIVE)
    (drop,) = drops_now(event=on_air, shopper=Shopper())
    assert (drop.state, drop.ms_to_open, drop.variant.sku) == (DropState.ANNOUNCED, 20_000, SKUS[number])
    assert drop.pieces in PIECES
    assert 0 < drop.price.amount_minor < 2800
    assert (len(drop.ladder) == 3) == (number in LADDERS)
    assert drop.drop.allotment.audience == AUDIENCES.get(number, "everyone")
    assert make.on_hand(drop.variant) >= 5
    set_clock(NOON + timedelta(seconds=20))
    (drop,) = drops_now(event=on_air, shopper=Shopper())
    assert drop.state == DropState.OPEN
