"""A drop's terms in the studio: who may claim, the word, the ladder, and each mistake at its place."""

from typing import Any

import pytest
from django.test import Client

from liveevents.drops.models import Drop
from liveevents.events.models import LiveEvent
from shop.accounts.models import User
from shop.stock.models import Audience
from shop.stores.models import Store
from shop.stores.services import follow_store
from tests import make
from tests.make import live
from tests.shop.web.pages import count_queries, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """The database's clock stands still."""


@pytest.fixture
def store(cora: User) -> Store:
    return make.store("coras", owner=cora)


@pytest.fixture
def event(store: Store) -> LiveEvent:
    return live.event(store)


@pytest.fixture
def studio(cora: User) -> Client:
    client = Client()
    client.force_login(cora)
    return client


def plan(studio: Client, event: LiveEvent, *steps: tuple[object, object, str], **terms: Any) -> Any:
    mug = make.variant(make.product(event.store), stock=10)
    fitting = {"variant": mug.pk, "price": "20.00", "pieces": 10, "per_person": 1, "hold_s": 120, "duration_s": 300}
    rows = {
        f"step-{number}-{name}": value
        for number, step in enumerate(steps)
        for name, value in zip(("pieces", "amount", "kind"), step, strict=True)
    }
    return studio.post(f"/studio/{event.pk}/drops/new/", {**fitting, **rows, **terms})


def prices(drop: Drop) -> list[int]:
    return [piece.price_minor for piece in drop.allotment.pieces.order_by("place")]


def test_a_ladder_in_percent_and_in_prices_lands_on_the_pieces(studio: Client, event: LiveEvent) -> None:
    plan(studio, event, (2, 50, "percent"), ("", "", "percent"), (3, "14.50", "price"))

    assert prices(Drop.objects.get()) == [1000] * 2 + [1450] * 3 + [2000] * 5


def test_empty_rows_are_no_ladder_whatever_their_kind(studio: Client, event: LiveEvent) -> None:
    plan(studio, event, ("", "", "price"), ("", "", ""))

    assert set(prices(Drop.objects.get())) == {2000}


@pytest.mark.parametrize(
    ("steps", "row", "said"),
    [
        ([(2, "", "percent")], 0, "This field is required."),
        ([("", 50, "percent")], 0, "This field is required."),
        ([(2, 100, "percent")], 0, "A whole number of percent, from 1 to 99."),
        ([(2, "12.5", "percent")], 0, "A whole number of percent, from 1 to 99."),
        ([(2, "9.999", "price")], 0, "This currency has no such small coins."),
        ([(0, 50, "percent")], 0, "Ensure this value is greater than or equal to 1."),
        ([(2, "many", "percent")], 0, "Enter a number."),
        ([(2, 50, "free")], 0, "Select a valid choice. free is not one of the available choices."),
        ([(6, 50, "percent"), (5, 30, "percent")], 1, "together no more than the drop has"),
        ([(2, 30, "percent"), (2, 50, "percent")], 1, "Prices only rise"),
        ([(2, "0.49", "price")], 0, "A piece costs at least €0.50."),
        ([("", "", "percent"), (2, "25.00", "price")], 1, "Prices only rise"),
    ],
)
def test_a_wrong_step_is_told_in_its_row(
    studio: Client, event: LiveEvent, steps: list[Any], row: int, said: str
) -> None:
    answer = plan(studio, event, *steps)

    wrong = [number for number, step in enumerate(answer.context["form"].steps) if step.errors]
    assert wrong == [row]
    assert said in words(answer)
    assert "ladder-fields" in answer.content.decode()
    assert not Drop.objects.exists()


@pytest.mark.parametrize("audience", [Audience.EVERYONE, Audience.SIGNED_IN, Audience.FOLLOWERS])
def test_who_may_claim_is_chosen(studio: Client, event: LiveEvent, audience: Audience) -> None:
    plan(studio, event, audience=audience)

    assert Drop.objects.get().allotment.audience == audience


def test_the_creator_reads_the_word_to_say_it_and_nobody_else_does(studio: Client, event: LiveEvent) -> None:
    plan(studio, event, audience="code_word", code_word="Blue Moon!")
    drop = Drop.objects.get()

    assert drop.allotment.code_word == "bluemoon"
    assert "Say the code word: bluemoon" in words(studio.get(f"/studio/{event.pk}/"))
    assert "bluemoon" not in studio.get(f"/studio/{event.pk}/state/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"audience": "code_word"}, "code_word"),
        ({"audience": "code_word", "code_word": "--a-b--"}, "code_word"),
        ({"audience": "followers", "code_word": "moon"}, "code_word"),
        ({"audience": "friends"}, "audience"),
        ({"offer_s": "5"}, "offer_s"),
        ({"offer_s": "9000"}, "offer_s"),
    ],
)
def test_a_wrong_term_is_told_at_its_field(studio: Client, event: LiveEvent, wrong: dict[str, str], field: str) -> None:
    answer = plan(studio, event, **wrong)

    assert list(answer.context["form"].errors) == [field]
    assert not Drop.objects.exists()


@pytest.mark.parametrize(("said", "lasts"), [("", 90), ("45", 45)])
def test_a_turn_in_the_line_lasts_as_said_or_as_always(studio: Client, event: LiveEvent, said: str, lasts: int) -> None:
    plan(studio, event, offer_s=said)

    assert Drop.objects.get().allotment.offer_s == lasts


@pytest.mark.parametrize(("ticked", "takes_fewer"), [({"takes_fewer": "on"}, True), ({}, False)])
def test_all_or_fewer_is_ticked(studio: Client, event: LiveEvent, ticked: dict[str, str], takes_fewer: bool) -> None:
    plan(studio, event, per_person="3", **ticked)

    assert Drop.objects.get().allotment.takes_fewer == takes_fewer
    assert ("or what is left" if takes_fewer else "all or none") in words(studio.get(f"/studio/{event.pk}/"))


def test_the_row_tells_the_ladder_and_who_may(studio: Client, event: LiveEvent) -> None:
    plan(studio, event, (2, 50, "percent"), audience="followers")

    said = words(studio.get(f"/studio/{event.pk}/"))

    assert "2 pieces at €10.00" in said
    assert "8 pieces at €20.00" in said
    assert "For followers" in said


def test_the_creator_sees_how_many_follow(studio: Client, store: Store, event: LiveEvent) -> None:
    make.variant(make.product(store), stock=1)
    for _ in range(2):
        follow_store(store=store, user=make.user())

    assert "2 followers" in words(studio.get("/studio/"))
    assert "Followers: 2 people now" in words(studio.get(f"/studio/{event.pk}/drops/new/"))


def test_the_shows_page_costs_the_same_however_many_follow(studio: Client, store: Store) -> None:
    with count_queries() as before:
        studio.get("/studio/")
    for _ in range(3):
        follow_store(store=store, user=make.user())
    with count_queries() as after:
        studio.get("/studio/")

    assert len(before) == len(after)
