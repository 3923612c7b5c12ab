"""The line as people meet it, over HTTP: a place that moves, a turn with its clock, a reason when nobody is served."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client

from liveevents.drops import services
from liveevents.drops.models import Drop
from liveevents.events.services import end_event
from shop.accounts.models import Shopper
from shop.door.shopper import COOKIE, SIGNER
from shop.stock.claiming import claim_pieces
from shop.stock.models import Waiter
from shop.stock.services import fence, free_due, let_go, sell
from tests import make
from tests.conftest import NOON, set_clock
from tests.make import live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(noon: object) -> None:
    """Every drop here opens at noon."""


def browser(of: Shopper | None = None) -> Client:
    client = Client()
    client.cookies[COOKIE] = SIGNER.sign(str((of or make.shopper()).pk))
    return client


def later(seconds: float) -> None:
    set_clock(NOON + timedelta(seconds=seconds))


def take(drop: Drop, by: Shopper | None = None, quantity: int = 1) -> int:
    asker = by or make.shopper()
    claimed = claim_pieces(allotment_id=drop.allotment_id, shopper_id=asker.pk, key=uuid4(), quantity=quantity)
    return claimed.hold_id


def give_back(*holds: int) -> None:
    for hold in holds:
        let_go(hold_id=hold, shopper=Shopper.objects.get(holds=hold))


def pay(hold: int) -> None:
    with transaction.atomic():
        fence(hold_ids=[hold], for_s=300)
        sell(hold_ids=[hold])


def join(client: Client, drop: Drop, quantity: int = 1, **more: str) -> str:
    """What the next page says to it."""
    answer = client.post(f"/drops/{drop.pk}/line/", {"quantity": quantity, **more})
    assert answer.status_code == 303
    return str([*get_messages(answer.wsgi_request)][-1])


def press(client: Client, drop: Drop, name: str) -> None:
    assert client.post(f"/drops/{drop.pk}/line/", {name: "1"}).status_code == 303


def address(drop: Drop) -> str:
    return f"/e/{drop.event.store.handle}/{drop.event.slug}/"


def page(client: Client, drop: Drop) -> str:
    return " ".join(client.get(address(drop)).content.decode().split())


def state(client: Client, drop: Drop) -> Any:
    return client.get(f"{address(drop)}state/").json()


def seen(client: Client, drop: Drop) -> Any:
    return state(client, drop)["drops"][str(drop.pk)]


def why(client: Client, drop: Drop) -> tuple[str, str]:
    told = seen(client, drop)["why"]
    return told["reason"], told["said"]


def test_the_place_in_the_line_moves_up_when_somebody_leaves() -> None:
    drop, first, second = live.drop(pieces=1, opens_at=NOON), browser(), browser()
    take(drop)

    assert [join(first, drop), join(second, drop)] == [
        "You joined the line as number 1.",
        "You joined the line as number 2.",
    ]
    press(first, drop, "leave")

    assert seen(second, drop)["place"] == 1
    assert seen(first, drop)["place"] is None
    assert "Join the line" in page(first, drop)
    press(first, drop, "leave")


def test_joining_twice_keeps_the_place_and_what_was_asked() -> None:
    drop, first, second = live.drop(pieces=2, per_person=2, opens_at=NOON), browser(), browser()
    take(drop, quantity=2)
    join(first, drop, 2)
    join(second, drop)

    assert join(first, drop, 1) == "You joined the line as number 1."

    assert Waiter.objects.count() == 2
    assert "Your 2 pieces are held for you here" in page(first, drop)


def test_an_account_has_one_place_on_two_devices_and_leaves_from_either() -> None:
    user = make.user()
    phone, laptop = browser(make.shopper(user)), browser(make.shopper(user))
    drop, before = live.drop(pieces=1, opens_at=NOON), browser()
    for device in (phone, laptop):
        device.force_login(user)
    take(drop)
    join(before, drop)
    join(phone, drop)

    assert join(laptop, drop) == "You joined the line as number 2."
    assert [seen(device, drop)["place"] for device in (phone, laptop)] == [2, 2]
    press(laptop, drop, "leave")

    assert seen(phone, drop)["place"] is None
    assert Waiter.objects.filter(left_at=None).count() == 1


def test_a_turn_is_held_with_its_own_clock_and_passed_on_when_it_runs_out() -> None:
    drop, first, second = live.drop(pieces=1, hold_s=300, opens_at=NOON), browser(), browser()
    hold = take(drop)
    join(first, drop)
    join(second, drop)

    give_back(hold)

    assert [held["ms_left"] for held in state(first, drop)["held"]] == [90_000]
    assert "Held for you" in page(first, drop)
    assert "Your turn came: it is held for you" in page(first, drop)
    assert "Your turn came" not in page(second, drop)
    assert why(second, drop) == ("held", "One piece is held; it runs out in 1:30.")
    later(92)
    free_due()
    assert [held["ms_left"] for held in state(second, drop)["held"]] == [90_000]
    assert "Your turn came, and its time ran out." in page(first, drop)
    assert join(first, drop) == "You joined the line as number 1."


def test_who_asked_for_several_gets_them_together_or_fewer_by_choice() -> None:
    drop = live.drop(pieces=3, per_person=3, opens_at=NOON)
    together, fewer = browser(), browser()
    holds = [take(drop), take(drop), take(drop)]
    join(together, drop, 3)
    join(fewer, drop, 3, takes_fewer="on")

    give_back(holds[0], holds[1])

    assert state(together, drop)["held"] == []
    assert len(state(fewer, drop)["held"]) == 1
    assert "Held for you" in page(fewer, drop)


def test_two_free_pieces_do_not_fit_who_asked_for_three_until_they_take_fewer() -> None:
    drop, client = live.drop(pieces=3, per_person=3, opens_at=NOON), browser()
    holds = [take(drop), take(drop), take(drop)]
    join(client, drop, 3)
    give_back(holds[0], holds[1])

    assert why(client, drop) == ("too_few", "2 pieces are free, but you asked for 3 together.")
    assert "2 pieces are free, but you asked for 3 together." in page(client, drop)
    press(client, drop, "fewer")

    assert len(state(client, drop)["held"]) == 1
    assert "Pieces 1, 2 of 3" in page(client, drop)


def test_pieces_that_are_held_and_paid_for_are_why_nobody_is_served() -> None:
    drop, client = live.drop(pieces=3, hold_s=60, opens_at=NOON), browser()
    first, second, third = take(drop), take(drop), take(drop)
    join(client, drop)
    with transaction.atomic():
        fence(hold_ids=[first], for_s=300)
    later(19)

    told = seen(client, drop)["why"]
    assert (told["reason"], told["held"], told["paying"], told["ms_left"]) == ("held", 2, 1, 41_000)
    assert told["said"] == "2 pieces are held; the next runs out in 0:41. One piece is being paid for."
    with transaction.atomic():
        fence(hold_ids=[second, third], for_s=300)
    assert why(client, drop) == ("paying", "3 pieces are being paid for.")
    assert "3 pieces are being paid for." in page(client, drop)
    with transaction.atomic():
        sell(hold_ids=[first, second, third])
    assert why(client, drop)[0] == "sold"


def test_who_has_as_many_as_a_person_may_waits_no_more(vera: Shopper) -> None:
    drop, client = live.drop(pieces=3, per_person=2, opens_at=NOON), browser(vera)
    hold = take(drop, quantity=2)
    take(drop, by=vera)
    join(client, drop)
    other = browser()
    join(other, drop, 2)
    give_back(hold)
    assert len(state(client, drop)["held"]) == 2

    assert "more than one person may have" in join(client, drop)
    assert why(other, drop) == ("too_few", "One piece is free, but you asked for 2 together.")


def test_a_limit_that_was_reached_while_waiting_is_the_reason(vera: Shopper) -> None:
    user = make.user()
    phone, laptop = make.shopper(user), make.shopper(user)
    drop = live.drop(pieces=3, per_person=2, opens_at=NOON)
    holds = [take(drop), take(drop), take(drop)]
    client = browser(phone)
    client.force_login(user)
    join(client, drop, 2)
    give_back(holds[0])
    take(drop, by=laptop)

    assert why(client, drop) == ("limit", "You may have one more, but you asked for 2 together.")


def test_before_joining_one_knows_why() -> None:
    drop = live.drop(pieces=1, hold_s=60, opens_at=NOON)
    take(drop)

    assert "One piece is held; it runs out in 1:00." in page(browser(), drop)


def test_who_may_just_claim_needs_no_reason() -> None:
    drop = live.drop(pieces=1, opens_at=NOON)

    assert seen(browser(), drop)["why"] is None


def test_who_let_two_turns_run_out_hears_that_others_go_first(vera: Shopper) -> None:
    drop, client = live.drop(pieces=2, per_person=2, hold_s=60, opens_at=NOON), browser(vera)
    take(drop, by=vera)
    take(drop, by=vera)
    later(63)
    free_due()
    take(drop)
    take(drop)

    assert "others go first for a minute" in join(client, drop)

    assert not Waiter.objects.exists()
    later(63 + 60)
    assert "number 1" in join(client, drop)


def test_the_limit_of_a_person_holds_in_the_line_too(vera: Shopper) -> None:
    drop, client = live.drop(pieces=2, opens_at=NOON), browser(vera)
    take(drop, by=vera)
    take(drop)

    assert "more than one person may have" in join(client, drop)

    assert not Waiter.objects.exists()


@pytest.mark.parametrize("quantity", ["0", "-1", "many", "10001"])
def test_a_wrong_number_of_pieces_joins_nobody(quantity: str) -> None:
    drop, client = live.drop(pieces=1, opens_at=NOON), browser()
    take(drop)

    assert client.post(f"/drops/{drop.pk}/line/", {"quantity": quantity}).status_code == 400

    assert not Waiter.objects.exists()


def test_the_end_of_a_drop_tells_who_waited() -> None:
    drop, client = live.drop(pieces=1, opens_at=NOON), browser()
    take(drop)
    join(client, drop)

    services.end_drop(drop=drop)

    assert "You were in line: no piece came back before it ended." in page(client, drop)
    assert "You were in line" not in page(browser(), drop)
    assert "over" in join(client, drop)


def test_the_last_payment_ends_the_drop_and_tells_who_waited() -> None:
    drop, client = live.drop(pieces=1, opens_at=NOON), browser()
    hold = take(drop)
    join(client, drop)
    pay(hold)

    services.end_sold_drops()

    assert "You were in line: every piece was paid for, so none came back." in page(client, drop)


def test_the_end_of_the_show_tells_who_waited() -> None:
    drop, client = live.drop(pieces=1, opens_at=NOON), browser()
    take(drop)
    join(client, drop)
    end_event(event=drop.event, at=NOON)

    with transaction.atomic():
        services.end_drops_of(event_id=drop.event_id)

    said = page(client, drop)
    assert "This show has ended" in said
    assert "You were in line: no piece came back before it ended." in said


def test_the_reason_is_in_the_api_too() -> None:
    drop, client = live.drop(pieces=1, hold_s=60, opens_at=NOON), browser()
    take(drop)
    join(client, drop)

    said = client.get(f"/api/v1/drops/{drop.pk}/").json()

    assert said["place_in_line"] == 1
    assert said["waits_for"] == {
        "reason": "held", "free": 0, "held": 1, "paying": 0, "asked": 1, "may_take": 1, "ms_left": 60_000,
    }  # fmt: skip


def test_a_program_takes_fewer_too() -> None:
    drop, client = live.drop(pieces=2, per_person=2, opens_at=NOON), browser()
    hold = take(drop)
    take(drop)
    join(client, drop, 2)
    give_back(hold)

    assert [client.patch(f"/api/v1/drops/{drop.pk}/line/").status_code for _ in range(2)] == [204, 204]

    assert len(state(client, drop)["held"]) == 1
