"""Parcels: what joins, what goes out of them, and who may move them."""

import pytest
from django.db import transaction

from shop.accounts.models import Shopper, User
from shop.checkout.cancel import cancel_by_buyer
from shop.core.facts import Fact
from shop.fulfilment.errors import (
    BadCarrier,
    BadTrackingNumber,
    NoteNeeded,
    NotTicked,
    ParcelChanged,
    ParcelMoved,
    TooLateToCancel,
)
from shop.fulfilment.models import Parcel
from shop.fulfilment.queries import parcel_for, parcels_of
from shop.fulfilment.services import (
    deliver,
    follow_refund,
    open_parcel,
    pack,
    report_found,
    report_missing,
    ship,
    undeliver,
    unpack,
    unship,
)
from shop.fulfilment.states import ParcelState
from shop.orders.models import Order, OrderLine
from shop.payments.services import refund
from tests import make
from tests.conftest import NOON
from tests.make.fulfilment import address, packer, paid_order, parcel


def contents(of: Parcel) -> dict[int, int]:
    return {item.id: item.quantity for item in of.items.all() if item.quantity}


def packed(order: Order, by: User) -> Parcel:
    box = parcel(order)
    return pack(parcel=box, contents=contents(box), by=by, at=NOON)


def give_back(order: Order, units: dict[int, int]) -> None:
    refund(order=order, lines=units, comes_back=True, with_shipping=False, by=None, reason="", at=NOON)


def state_of(box: Parcel) -> str:
    return Parcel.objects.get(id=box.id).state


def facts_of(kind: str) -> int:
    return Fact.objects.filter(kind=kind).count()


def test_a_paid_order_becomes_a_parcel_once(db: None) -> None:
    order = paid_order()

    box = parcel(order)
    with transaction.atomic():
        again = open_parcel(order_id=order.id)

    assert again is None
    assert list(contents(box).values()) == [2]


def test_files_need_no_parcel(db: None) -> None:
    order = paid_order((make.variant(is_digital=True), 1))

    with transaction.atomic():
        assert open_parcel(order_id=order.id) is None


def test_an_order_to_the_same_person_and_address_joins_the_parcel_that_is_not_packed(db: None, vera: Shopper) -> None:
    store = make.store()
    first = paid_order(of=store, email="Vera@stagedoor.example", ship_to=address("Vera Viewer"))
    second = paid_order(of=store, email="vera@stagedoor.example", ship_to=address("vera viewer"))

    assert parcel(first) == parcel(second)


@pytest.mark.parametrize("differs", ["store", "email", "address"])
def test_orders_that_differ_get_parcels_of_their_own(db: None, differs: str) -> None:
    store = make.store()
    first = paid_order(of=store)

    second = {
        "store": lambda: paid_order(),
        "email": lambda: paid_order(of=store, email="victor@stagedoor.example"),
        "address": lambda: paid_order(of=store, ship_to=address(city="Potsdam")),
    }[differs]()

    assert parcel(first) != parcel(second)


def test_a_packed_parcel_takes_in_nothing_more(db: None, fred: User) -> None:
    store = make.store()
    closed = packed(paid_order(of=store), by=fred)

    assert parcel(paid_order(of=store)) != closed


def test_packing_needs_every_thing_ticked(db: None, fred: User) -> None:
    store = make.store()
    cup, cap = make.variant(make.product(store, "Cup")), make.variant(make.product(store, "Cap"))
    box = parcel(paid_order((cup, 1), (cap, 2)))
    ticked = contents(box)
    ticked.pop(next(iter(ticked)))

    with pytest.raises(NotTicked, match="Cup"):
        pack(parcel=box, contents=ticked, by=fred, at=NOON)

    assert state_of(box) == ParcelState.TO_PACK
    assert facts_of("parcel.packed") == 0


def test_what_joined_after_the_page_was_opened_must_be_seen_before_packing(db: None, fred: User) -> None:
    store = make.store()
    box = parcel(paid_order(of=store))
    seen = contents(box)
    parcel(paid_order(of=store))

    with pytest.raises(NotTicked):
        pack(parcel=box, contents=seen, by=fred, at=NOON)

    assert state_of(box) == ParcelState.TO_PACK


def test_what_was_refunded_a_moment_ago_is_not_packed(db: None, fred: User) -> None:
    order = paid_order()
    box = parcel(order)
    seen = contents(box)
    give_back(order, {order.lines.get().id: 1})

    with pytest.raises(ParcelChanged):
        pack(parcel=box, contents=seen, by=fred, at=NOON)

    assert state_of(box) == ParcelState.TO_PACK


def test_a_second_press_is_told_who_packed_it(db: None) -> None:
    order = paid_order()
    fred = packer(order.store)
    box = packed(order, by=fred)

    with pytest.raises(ParcelMoved, match="Fred packed this parcel"):
        pack(parcel=box, contents=contents(box), by=fred, at=NOON)

    assert facts_of("parcel.packed") == 1


def test_a_parcel_goes_its_way_and_every_step_can_be_undone(db: None, fred: User) -> None:
    box = packed(paid_order(), by=fred)

    sent = ship(parcel=box, carrier="dhl", tracking_number=" 0034 04341 ", at=NOON)
    arrived = deliver(parcel=box, at=NOON)

    assert (sent.tracking_number, arrived.delivered_at) == ("0034 04341", NOON)
    assert undeliver(parcel=box).state == ParcelState.SHIPPED
    back = unship(parcel=box)
    assert (back.state, back.carrier, back.tracking_number) == (ParcelState.PACKED, "", "")
    assert unpack(parcel=box).packed_at is None


@pytest.mark.parametrize("number", ["", "123", "x" * 41, "12345\n6789<b>", "DROP;TABLE", "https://evil.example"])
def test_a_number_that_is_none_ships_nothing(db: None, fred: User, number: str) -> None:
    box = packed(paid_order(), by=fred)

    with pytest.raises(BadTrackingNumber):
        ship(parcel=box, carrier="dhl", tracking_number=number, at=NOON)

    assert state_of(box) == ParcelState.PACKED


def test_a_carrier_that_nobody_knows_ships_nothing(db: None, fred: User) -> None:
    box = packed(paid_order(), by=fred)

    with pytest.raises(BadCarrier):
        ship(parcel=box, carrier="pigeon", tracking_number="123456", at=NOON)

    assert state_of(box) == ParcelState.PACKED


def test_something_missing_sets_the_parcel_aside_until_it_is_found(db: None, fred: User) -> None:
    box = parcel(paid_order())

    with pytest.raises(NoteNeeded):
        report_missing(parcel=box, note="  ")
    assert report_missing(parcel=box, note="the blue\nmug").missing_note == "the blue mug"
    with pytest.raises(ParcelMoved, match="the blue mug"):
        pack(parcel=box, contents=contents(box), by=fred, at=NOON)

    assert report_found(parcel=box).state == ParcelState.TO_PACK


def test_refunded_units_leave_the_parcel_and_the_last_one_leaves_it_empty(db: None) -> None:
    order = paid_order()
    box = parcel(order)
    line = order.lines.get()

    for left in (1, 0):
        give_back(order, {line.id: 1})
        with transaction.atomic():
            follow_refund(order_id=order.id)
        assert box.items.get().quantity == left

    assert state_of(box) == ParcelState.EMPTY


def test_a_refund_brings_a_packed_parcel_back_to_the_table(db: None, fred: User) -> None:
    order = paid_order()
    box = packed(order, by=fred)
    give_back(order, {order.lines.get().id: 1})

    with transaction.atomic():
        follow_refund(order_id=order.id)

    assert state_of(box) == ParcelState.TO_PACK
    assert box.items.get().quantity == 1


def test_a_refund_cannot_take_anything_out_of_a_parcel_on_its_way(db: None, fred: User) -> None:
    order = paid_order()
    box = packed(order, by=fred)
    ship(parcel=box, carrier="ups", tracking_number="1Z999", at=NOON)
    give_back(order, {order.lines.get().id: 1})

    with transaction.atomic():
        follow_refund(order_id=order.id)

    assert (state_of(box), box.items.get().quantity) == (ParcelState.SHIPPED, 2)


def test_a_parcel_that_comes_back_from_its_way_follows_what_was_refunded_meanwhile(db: None, fred: User) -> None:
    order = paid_order()
    box = packed(order, by=fred)
    ship(parcel=box, carrier="ups", tracking_number="1Z999", at=NOON)
    give_back(order, {order.lines.get().id: 1})

    unship(parcel=box)

    assert (state_of(box), contents(box)) == (ParcelState.TO_PACK, {box.items.get().id: 1})
    pack(parcel=box, contents=contents(box), by=fred, at=NOON)
    ship(parcel=box, carrier="ups", tracking_number="1Z999", at=NOON)
    assert state_of(box) == ParcelState.SHIPPED


def test_a_parcel_that_was_refunded_after_packing_is_not_shipped(db: None, fred: User) -> None:
    order = paid_order()
    box = packed(order, by=fred)
    give_back(order, {order.lines.get().id: 2})

    with pytest.raises(ParcelChanged):
        ship(parcel=box, carrier="ups", tracking_number="1Z999", at=NOON)

    assert state_of(box) == ParcelState.PACKED


def test_a_buyer_cancels_until_it_is_packed(db: None, fred: User) -> None:
    order = paid_order()
    box = parcel(order)

    made = cancel_by_buyer(order=order, at=NOON)

    assert made.amount == order.total
    assert state_of(box) == ParcelState.EMPTY
    assert Order.objects.get().state == "cancelled"


def test_cancelling_gives_back_what_is_left_whatever_the_page_showed(db: None) -> None:
    order = Order.objects.prefetch_related("lines").get(id=paid_order().id)
    give_back(order, {order.lines.get().id: 1})

    made = cancel_by_buyer(order=order, at=NOON)

    assert [line.quantity for line in made.lines.all()] == [1]
    assert Order.objects.get().state == "cancelled"


def test_a_buyer_cannot_cancel_what_is_packed(db: None, fred: User) -> None:
    order = paid_order()
    packed(order, by=fred)

    with pytest.raises(TooLateToCancel):
        cancel_by_buyer(order=order, at=NOON)

    assert Order.objects.get().is_paid
    assert OrderLine.objects.get().returned_quantity == 0
    assert facts_of("refund.asked") == 0


def test_the_desk_of_one_store_never_shows_parcels_of_another(db: None, fred: User) -> None:
    mine, theirs = make.store(), make.store()
    packer(mine, fred)
    strange = parcel(paid_order(of=theirs))

    assert list(parcels_of(user=fred, store=theirs, state=ParcelState.TO_PACK)) == []
    with pytest.raises(Parcel.DoesNotExist):
        parcel_for(user=fred, parcel_id=strange.id)
