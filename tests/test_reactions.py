"""The table of reactions as a whole: what follows a payment, a refund, a cancelled show."""

import pytest
from django.db import transaction

from config.reactions import REACTIONS
from liveevents.drops.models import Drop
from liveevents.events.models import LiveEvent
from liveevents.events.services import cancel_event, end_event
from shop.core import clock, facts, relay
from shop.core.facts import Delivery
from shop.downloads.models import Right
from shop.fulfilment.models import Parcel, ParcelItem
from shop.fulfilment.services import pack, ship
from shop.fulfilment.states import ParcelState
from shop.mails.models import Mail
from shop.orders.models import Order
from shop.payments.models import Attempt, Refund
from shop.payments.services import StillPaying, refund
from shop.payments.states import AttemptState
from shop.stock.models import Piece
from shop.stock.states import PieceState
from tests import make
from tests.conftest import NOON
from tests.make.fulfilment import digital_file, packer, paid_order, sold_piece
from tests.make.live import drop, event

pytestmark = pytest.mark.django_db


def was_paid(order: Order) -> Order:
    with transaction.atomic():
        facts.record("order.paid", subject=order.id)
    return order


def everything_follows() -> None:
    """Relay and react until nothing is owed, as tick does."""
    while relay.relay(reactions=REACTIONS) or relay.owed():
        for delivery_id in relay.owed():
            assert relay.react(delivery_id=delivery_id, reactions=REACTIONS)


def pieces_of(sale: Drop) -> list[int]:
    return sorted(Piece.objects.filter(allotment=sale.allotment).values_list("state", flat=True))


def refunded(order: Order) -> int:
    """What of an order went back, in cents."""
    return sum(Refund.objects.filter(attempt__order=order).values_list("amount_minor", flat=True))


def test_a_payment_opens_a_parcel_gives_rights_and_writes_one_receipt() -> None:
    store = make.store()
    album = make.product(store, "Album")
    digital_file(album)
    order = paid_order((make.variant(make.product(store), stock=2), 2), (make.variant(album, is_digital=True), 1))

    was_paid(order)
    was_paid(order)
    everything_follows()

    assert (Parcel.objects.count(), ParcelItem.objects.get().quantity, Right.objects.count()) == (1, 2, 1)
    assert Mail.objects.get().reference == f"order.paid:{order.id}"


def test_a_refund_leaves_the_parcel_revokes_the_right_and_is_told_once() -> None:
    store = make.store()
    mug, album = make.variant(make.product(store), stock=2), make.variant(make.product(store), is_digital=True)
    order = was_paid(paid_order((mug, 2), (album, 2)))
    everything_follows()
    units = {line.id: 1 for line in order.lines.all()}

    refund(order=order, lines=units, comes_back=True, with_shipping=False, by=None, reason="", at=NOON)
    everything_follows()

    assert ParcelItem.objects.get().quantity == 1
    assert Right.objects.filter(revoked_at=None).count() == 1
    assert Mail.objects.filter(reference__startswith="refund.asked:").count() == 1


def test_a_refund_that_overtakes_the_payments_reactions_ends_the_same() -> None:
    order = paid_order()
    refund(
        order=order,
        lines={order.lines.get().id: 1},
        comes_back=True,
        with_shipping=False,
        by=None,
        reason="",
        at=NOON,
    )
    everything_follows()

    was_paid(order)
    everything_follows()

    assert ParcelItem.objects.get().quantity == 1


def cancelled(show: LiveEvent) -> None:
    cancel_event(event=show, at=clock.now())
    everything_follows()


def test_a_cancelled_show_gives_everybody_the_price_of_its_pieces_back() -> None:
    show, other = event(), event()
    sale, other_sale = drop(show, pieces=3), drop(other)
    vera, victor = (sold_piece(sale.allotment, email=f"{who}@stagedoor.example") for who in ("vera", "victor"))
    elsewhere = sold_piece(other_sale.allotment, email="zoe@stagedoor.example")
    for order in (vera, victor, elsewhere):
        was_paid(order)
    everything_follows()

    cancelled(show)

    assert [refunded(order) for order in (vera, victor, elsewhere)] == [vera.total_minor, victor.total_minor, 0]
    assert pieces_of(sale) == [PieceState.WITHDRAWN] * 3
    assert make.on_hand(sale.allotment.variant) == 3
    assert sorted(Parcel.objects.values_list("state", flat=True)) == [
        ParcelState.EMPTY, ParcelState.EMPTY, ParcelState.TO_PACK,
    ]  # fmt: skip
    assert "was cancelled" in Mail.objects.get(to="vera@stagedoor.example", reference__startswith="refund").text


def test_cancelling_a_show_twice_over_gives_nothing_back_twice() -> None:
    show = event()
    order = was_paid(sold_piece(drop(show).allotment))
    cancelled(show)

    with transaction.atomic():
        facts.record("event.cancelled", subject=show.id)
    everything_follows()

    assert refunded(order) == order.total_minor


def test_who_paid_while_the_show_was_being_cancelled_gets_it_back_too() -> None:
    show = event()
    order = sold_piece(drop(show).allotment)
    cancelled(show)
    Refund.objects.all().delete()
    order.lines.update(returned_quantity=0)
    Order.objects.update(state="paid", cancelled_at=None)

    was_paid(order)
    everything_follows()

    assert refunded(order) == order.total_minor


def test_who_is_still_paying_holds_up_nobody_else() -> None:
    show = event()
    sale = drop(show, pieces=3)
    undecided, paid = sold_piece(sale.allotment), sold_piece(sale.allotment, email="victor@stagedoor.example")
    Order.objects.filter(id=undecided.id).update(state="placed", paid_at=None)
    Attempt.objects.filter(order=undecided).update(state=AttemptState.AUTHORISED)
    cancel_event(event=show, at=clock.now())

    for _ in range(3):
        relay.relay(reactions=REACTIONS)
        for delivery_id, _request in relay.owed().items():
            try:
                relay.react(delivery_id=delivery_id, reactions=REACTIONS)
            except StillPaying:
                assert Delivery.objects.get(id=delivery_id).fact.subject == str(undecided.id)

    assert refunded(paid) == paid.total_minor
    assert refunded(undecided) == 0
    assert "StillPaying" in Delivery.objects.get(done_at=None).last_error


def test_a_piece_that_was_sent_before_its_show_was_cancelled_does_not_come_back() -> None:
    show = event()
    sale = drop(show, pieces=3)
    sent = was_paid(sold_piece(sale.allotment))
    everything_follows()
    box = Parcel.objects.get()
    contents = {item.id: item.quantity for item in box.items.all()}
    pack(parcel=box, contents=contents, by=packer(show.store), at=NOON)
    ship(parcel=box, carrier="ups", tracking_number="1Z999", at=NOON)

    cancelled(show)

    assert refunded(sent) == sent.total_minor
    assert pieces_of(sale) == [PieceState.WITHDRAWN, PieceState.WITHDRAWN, PieceState.WRITTEN_OFF]
    assert make.on_hand(sale.allotment.variant) == 2


def test_a_show_that_ends_ends_its_drops() -> None:
    show = event()
    sale = drop(show, pieces=2)

    end_event(event=show, at=clock.now())
    everything_follows()

    assert pieces_of(sale) == [PieceState.WITHDRAWN] * 2


def test_names_of_reactions_fit_their_column() -> None:
    longest = Delivery._meta.get_field("reaction").max_length or 0

    assert all(len(name) <= longest for reactions in REACTIONS.values() for name in reactions)
