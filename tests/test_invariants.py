"""Each invariant finds its violation, made by hand, and none cries wolf over what is legal."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from config.invariants import INVARIANTS, broken_invariants
from shop.accounts.models import Shopper
from shop.accounts.services import welcome
from shop.core import clock, facts
from shop.core.facts import Delivery, Fact
from shop.downloads import services as downloads
from shop.fulfilment.models import Parcel
from shop.fulfilment.services import open_parcel
from shop.fulfilment.states import ParcelState
from shop.orders.models import Order
from shop.payments.models import Attempt, Refund
from shop.payments.services import cancel_order
from shop.payments.states import RefundState
from shop.stock.claiming import claim_pieces
from shop.stock.models import Piece
from shop.stock.services import free_due, join_line
from shop.stock.states import PieceState
from tests import broken, broken_records, make
from tests.conftest import set_clock

pytestmark = pytest.mark.django_db


FINDS: dict[str, tuple[Callable[[], broken.Scene], ...]] = {
    "a held piece has a running hold, a piece being paid a fenced one, a sold piece a sold one": (
        broken.a_hold_ends_and_its_piece_does_not_know,
    ),
    "a live hold owns the pieces that it names": (broken.a_hold_loses_a_piece,),
    "a piece has one owner": (broken.two_holds_name_one_piece, broken.a_piece_is_sold_to_two),
    "a hold has as many pieces as it says, and fewer than asked for only where that is wanted": (
        broken.a_hold_has_fewer_than_were_asked_for,
    ),
    "the pieces of a sale are numbered from 1 without a gap": (broken.a_number_is_left_out,),
    "every piece is in one state, and all of them together are those that left the stock": (broken.a_piece_vanishes,),
    "the withdrawn pieces of a sale are those that came back to the stock": (broken.a_withdrawn_piece_is_not_in_stock,),
    "nothing of a sale that ended is free": (broken.a_piece_lies_about_after_the_end,),
    "nobody owns more pieces of a sale than a person may": (broken.somebody_has_too_many, broken.a_person_has_too_many),
    "nothing was taken outside a sale's window": (broken.somebody_was_early, broken.somebody_was_late),
    "nobody was served before somebody earlier in the line whom it fitted": (
        broken.somebody_jumps_the_line,
        broken.somebody_claims_past_the_line,
    ),
    "who was served has what they waited for, or fewer by choice": (broken.somebody_is_served_less_than_they_want,),
    "nobody waits for a sale that ended": (broken.somebody_waits_after_the_end,),
    "no piece is free while somebody it fits waits for it": (broken.somebody_waits_for_nothing,),
    "a hold that ran out is over four seconds later": (broken.nobody_sweeps,),
    "a paid order has one paid attempt, of its amount and currency": (broken.a_payment_was_too_small,),
    "a paid attempt has a paid order": (broken.an_order_does_not_know_that_it_is_paid,),
    "the pieces of a live payment are being paid, or sold once it is authorised": (broken.a_payment_loses_its_piece,),
    "the pieces of a paid order are sold to it until they are given back": (broken.a_buyer_loses_a_piece,),
    "a sold piece is paid for, or its payment is authorised": (broken.a_piece_stays_sold_after_it_was_given_back,),
    "a piece being paid has a live payment": (broken.a_payment_dies_and_nobody_tells_the_piece,),
    "stock is the sum of its moves": (broken.stock_changes_without_a_move,),
    "stock is kept only for payments that live": (broken.stock_is_kept_for_nobody,),
    "every entry of the ledger balances": (broken.an_entry_has_one_side,),
    "the books say what was paid, less what went back": (broken.a_payment_is_not_in_the_books,),
    "no more is refunded than was paid": (broken.too_much_goes_back,),
    "given back units are those of its refunds": (broken.a_unit_goes_back_without_money,),
    "a reaction to a fact is owed once": (broken.a_reaction_is_owed_twice,),
    "what was done once is told once": (broken.an_order_is_told_paid_twice,),
    "only what was relayed has deliveries": (broken.a_delivery_comes_before_its_fact_was_relayed,),
    "every fact was relayed within 60 s": (broken.nobody_relays,),
    "every reaction happened within 60 s of its fact, or waits for a payment of an order that was called off": (
        broken.a_reaction_is_forgotten,
    ),
    **broken_records.FINDS,
    "units of an order line are sent once": (broken.a_parcel_has_more_than_was_bought,),
    "each unit of a file that was paid for has one right": (broken.a_file_was_paid_for_and_cannot_be_opened,),
    "everything paid that is sent is in a parcel": (broken.nobody_packs,),
    "a parcel that is still here holds what was not given back": (broken.a_refund_leaves_its_unit_in_the_parcel,),
}


def test_each_invariant_is_tried() -> None:
    assert FINDS.keys() == INVARIANTS.keys()


@pytest.mark.parametrize(("name", "breaks"), [(name, breaks) for name, all_of in FINDS.items() for breaks in all_of])
def test_what_is_broken_is_found(name: str, breaks: Callable[[], broken.Scene]) -> None:
    scene = breaks()
    next(scene)
    assert broken_invariants() == {}

    next(scene, None)

    assert name in broken_invariants()


def test_a_piece_that_is_sold_again_breaks_nothing() -> None:
    order = broken.paid()
    piece = Piece.objects.get(order_lines__order=order)
    broken.give_back(order, order.lines.get(piece=piece))
    victor = make.shopper()
    claim_pieces(allotment_id=piece.allotment_id, shopper_id=victor.pk, key=uuid4(), quantity=1)
    make.pay(make.order(victor, order.store))

    with transaction.atomic():
        cancel_order(order=order, by=None, reason="The rest too", at=clock.now())

    piece.refresh_from_db()
    assert piece.hold.shopper == victor  # type: ignore[union-attr]
    assert broken_invariants() == {}


def test_two_guests_who_turn_out_to_be_one_person_break_nothing() -> None:
    of, vera = broken.sale(per_person=1), make.user()
    for browser in (make.shopper(), make.shopper()):
        make.hold(browser, of)
        welcome(shopper_id=browser.pk, user=vera)

    assert broken_invariants() == {}


def test_a_claim_after_a_hold_that_ran_out_and_was_not_swept_breaks_nothing(noon: object, vera: Shopper) -> None:
    of = broken.sale(per_person=1)
    make.hold(vera, of)
    set_clock(clock.database_now() + timedelta(seconds=of.hold_s + 2))

    make.hold(vera, of)

    assert Piece.objects.filter(state=PieceState.HELD).count() == 1
    assert broken_invariants() == {}


def test_a_sale_that_closes_while_somebody_waits_breaks_nothing(noon: object, vera: Shopper) -> None:
    of = broken.sale(pieces=1)
    make.hold(make.shopper(), of)
    join_line(allotment_id=of.pk, shopper_id=vera.pk, quantity=1, takes_fewer=False)
    set_clock(of.closes_at)
    free_due()

    assert Piece.objects.get().state == PieceState.FREE
    assert broken_invariants() == {}


def test_a_file_given_back_a_moment_ago_breaks_nothing() -> None:
    order = broken.paid_file()
    with transaction.atomic():
        downloads.settle(order_id=order.pk)
    Order.objects.update(paid_at=clock.now() - broken.MINUTES_AGO)

    broken.give_back(order, order.lines.get())

    assert broken_invariants() == {}
    Refund.objects.update(asked_at=clock.now() - broken.MINUTES_AGO)
    assert list(broken_invariants()) == ["each unit of a file that was paid for has one right"]


def test_a_refund_that_failed_or_is_on_its_way_breaks_nothing() -> None:
    order = broken.paid()
    broken.give_back(order, order.lines.get(piece=None))

    for state in (RefundState.SENT, RefundState.FAILED):
        Refund.objects.update(state=state)
        assert broken_invariants() == {}


def test_an_order_called_off_while_it_is_paid_breaks_nothing_until_the_payment_is_over() -> None:
    order = broken.being_paid()
    with transaction.atomic():
        fact = facts.record("order.called_off", subject=order.pk, allotment=1)
    Delivery.objects.create(fact=fact, reaction="give the money back")
    Fact.objects.update(recorded_at=clock.now() - broken.MINUTES_AGO, relayed_at=clock.now())

    assert broken_invariants() == {}
    Attempt.objects.update(ended_at=clock.now() - timedelta(minutes=11))
    assert next(iter(broken_invariants())).startswith("every reaction happened")


def test_what_was_given_back_on_its_way_breaks_nothing() -> None:
    order = broken.paid()
    with transaction.atomic():
        box = open_parcel(order_id=order.pk)
    Parcel.objects.filter(pk=box.pk).update(state=ParcelState.SHIPPED, carrier="ups")  # type: ignore[union-attr]
    broken.give_back(order, order.lines.get(piece=None))
    Refund.objects.update(asked_at=clock.now() - broken.MINUTES_AGO)

    assert broken_invariants() == {}


def test_goods_that_were_partly_given_back_stay_in_their_parcel() -> None:
    order = broken.paid()
    broken.give_back(order, order.lines.get(piece=None))
    with transaction.atomic():
        open_parcel(order_id=order.pk)
    Order.objects.update(paid_at=clock.now() - broken.MINUTES_AGO)

    assert broken_invariants() == {}
