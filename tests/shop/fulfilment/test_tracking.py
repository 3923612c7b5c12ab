"""The tracking page never lies: what it says follows from the rows."""

from collections.abc import Callable

import pytest
from django.db import transaction

from shop.accounts.models import User
from shop.fulfilment.models import Parcel
from shop.fulfilment.services import deliver, follow_refund, pack, report_missing, ship
from shop.fulfilment.tracking import Tracking, tracking
from shop.orders.models import Order
from shop.payments.services import cancel_order, refund
from tests import make
from tests.conftest import NOON
from tests.make.fulfilment import paid_order, parcel

pytestmark = pytest.mark.django_db


def told(order: Order) -> Tracking:
    return tracking(Order.objects.get(id=order.id))


def steps(order: Order) -> list[tuple[str, str]]:
    return [(step.name, step.state) for step in told(order).steps]


def packed(order: Order, by: User) -> Parcel:
    box = parcel(order)
    return pack(parcel=box, contents={item.id: item.quantity for item in box.items.all()}, by=by, at=NOON)


def shipped(order: Order, by: User) -> Parcel:
    return ship(parcel=packed(order, by), carrier="dhl", tracking_number="00340434", at=NOON)


def give_back(order: Order, units: int) -> None:
    line = order.lines.all()[0]
    refund(order=order, lines={line.id: units}, comes_back=True, with_shipping=False, by=None, reason="", at=NOON)
    with transaction.atomic():
        follow_refund(order_id=order.id)


def test_before_and_after_the_parcel_is_opened_it_says_the_same(fred: User) -> None:
    order = paid_order()
    before = told(order)

    parcel(order)

    assert (before.headline, before.steps) == (told(order).headline, told(order).steps)
    assert steps(order) == [("Paid", "done"), ("Packed", "current"), ("On its way", "ahead"), ("Delivered", "ahead")]


@pytest.mark.parametrize(
    ("go", "headline", "states"),
    [
        (packed, "Packed", ["done", "done", "ahead", "ahead"]),
        (shipped, "On its way", ["done", "done", "current", "ahead"]),
        (lambda order, by: deliver(parcel=shipped(order, by), at=NOON), "Delivered", ["done"] * 4),
    ],
)
def test_each_step_shows(fred: User, go: Callable[[Order, User], Parcel], headline: str, states: list[str]) -> None:
    order = paid_order()

    go(order, fred)

    assert told(order).headline == headline
    assert [state for _, state in steps(order)] == states


def test_on_its_way_it_names_carrier_number_and_page(fred: User) -> None:
    order = paid_order()

    shipped(order, fred)

    assert (told(order).carrier, told(order).number) == ("DHL", "00340434")
    assert told(order).url.endswith("piececode=00340434")


def test_something_missing_is_said(fred: User) -> None:
    order = paid_order()
    report_missing(parcel=parcel(order), note="the blue mug")

    assert "still looking" in told(order).sentence
    assert "the blue mug" not in told(order).sentence


def test_a_partial_refund_is_said_and_the_rest_goes_on(fred: User) -> None:
    order = paid_order()
    parcel(order)

    give_back(order, 1)

    assert told(order).headline == "Being packed"
    assert "1 of 2 things was refunded." in told(order).sentence


def test_a_cancelled_order_waits_for_nothing() -> None:
    order = paid_order()
    parcel(order)
    with transaction.atomic():
        cancel_order(order=order, by=None, reason="", at=NOON)

    assert steps(order) == [("Paid", "done"), ("Cancelled", "failed")]


def test_what_was_refunded_on_its_way_is_still_on_its_way(fred: User) -> None:
    order = paid_order()
    shipped(order, fred)

    give_back(order, 2)

    assert told(order).headline == "On its way"
    assert "2 of 2 things were refunded." in told(order).sentence


def test_files_are_ready_and_no_parcel_is_promised() -> None:
    assert steps(paid_order((make.variant(is_digital=True), 1))) == [("Paid", "done"), ("Ready to download", "done")]


def test_goods_that_were_all_refunded_beside_a_file_are_not_promised() -> None:
    store = make.store()
    mug = make.variant(make.product(store), stock=1)
    order = paid_order((mug, 1), (make.variant(make.product(store), is_digital=True), 1))
    parcel(order)

    give_back(order, 1)

    assert told(order).headline == "Refunded"


def test_a_payment_that_was_never_made_is_said() -> None:
    order = paid_order()
    Order.objects.update(state="placed", paid_at=None)
    assert told(order).headline == "Waiting for your payment"
    Order.objects.update(state="lapsed", lapsed_at=NOON)
    assert steps(order) == [("Payment", "failed")]
