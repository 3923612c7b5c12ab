"""Each invariant finds its violation, made by hand, and none cries wolf over what is legal."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F

from config.invariants import INVARIANTS, broken_invariants
from shop.accounts.models import Shopper
from shop.accounts.services import welcome
from shop.core import clock, facts
from shop.core.facts import Delivery, Fact
from shop.downloads import services as downloads
from shop.fulfilment.models import Parcel, ParcelItem
from shop.fulfilment.services import open_parcel
from shop.fulfilment.states import ParcelState
from shop.ledger.models import Posting
from shop.orders.models import Order, OrderLine
from shop.payments.models import Attempt, Refund
from shop.payments.services import cancel_order, refund
from shop.payments.states import AttemptState, RefundState
from shop.stock.claiming import claim_pieces
from shop.stock.models import Allotment, Hold, Piece, StockLevel, StockMove, Waiter
from shop.stock.services import end_allotment, free_due, join_line
from shop.stock.states import PieceState
from tests import broken_records, make
from tests.conftest import set_clock

pytestmark = pytest.mark.django_db

Scene = Iterator[None]
MINUTES_AGO = timedelta(minutes=2)


def sql(*statements: str) -> None:
    """What no service would do; what was right is not checked again at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for statement in statements:
            cursor.execute(statement)


def sale(*, pieces: int = 3, per_person: int = 3) -> Allotment:
    """A sale in a store that sends anywhere."""
    made = make.allotment(pieces=pieces, per_person=per_person)
    make.rates(made.variant.product.store)
    return made


def being_paid() -> Order:
    """A piece and a mug, checked out."""
    of, buyer = sale(), make.shopper()
    store = of.variant.product.store
    make.hold(buyer, of)
    make.in_cart(buyer, make.variant(make.product(store), stock=5))
    return make.order(buyer, store)


def paid() -> Order:
    return make.pay(being_paid())


def paid_file() -> Order:
    return make.paid_order(make.shopper(), (make.variant(is_digital=True), 2))


def give_back(order: Order, line: OrderLine, quantity: int = 1) -> Refund:
    return refund(
        order=order,
        lines={line.pk: quantity},
        comes_back=True,
        with_shipping=False,
        by=None,
        reason="Broken",
        at=clock.now(),
    )


def a_hold_ends_and_its_piece_does_not_know() -> Scene:
    make.hold(make.shopper(), sale())
    yield
    Hold.objects.update(ended_at=clock.now(), ending="let_go")


def a_hold_loses_a_piece() -> Scene:
    make.hold(make.shopper(), sale(), quantity=2)
    yield
    Piece.objects.filter(number=2).update(state=PieceState.FREE, hold=None)


def two_holds_name_one_piece() -> Scene:
    of = sale()
    first, second = make.hold(make.shopper(), of), make.hold(make.shopper(), of)
    yield
    Hold.objects.filter(pk=second.pk).update(numbers=first.numbers)


def a_piece_is_sold_to_two() -> Scene:
    of = sale()
    orders = [paid_piece(of), paid_piece(of)]
    yield
    OrderLine.objects.filter(order=orders[0]).update(piece=orders[1].lines.get().piece)


def a_hold_has_fewer_than_were_asked_for() -> Scene:
    make.hold(make.shopper(), sale(), quantity=2)
    yield
    Hold.objects.update(asked=3)


def a_piece_vanishes() -> Scene:
    sale()
    yield
    Piece.objects.filter(number=3).delete()


def a_withdrawn_piece_is_not_in_stock() -> Scene:
    of = sale()
    end_allotment(allotment_id=of.pk)
    yield
    move = StockMove.objects.get(reason="from_drop")
    StockMove.objects.create(level=move.level, delta=1, reason=move.reason, reference=f"{move.reference}:again")


def a_piece_lies_about_after_the_end() -> Scene:
    of = sale()
    end_allotment(allotment_id=of.pk)
    yield
    Piece.objects.filter(number=2).update(state=PieceState.FREE)


def a_number_is_left_out() -> Scene:
    sale()
    yield
    Piece.objects.filter(number=2).update(number=9)


def somebody_has_too_many() -> Scene:
    make.hold(make.shopper(), sale(), quantity=2)
    yield
    Allotment.objects.update(per_person=1)


def a_person_has_too_many() -> Scene:
    of, vera = sale(per_person=2), make.user()
    for _ in range(2):
        make.hold(make.shopper(vera), of)
    yield
    Allotment.objects.update(per_person=1)


def somebody_was_late() -> Scene:
    make.hold(make.shopper(), sale())
    yield
    Piece.objects.filter(state=PieceState.FREE).delete()
    Allotment.objects.update(ended_at=clock.now() - MINUTES_AGO)


def somebody_was_early() -> Scene:
    made = make.hold(make.shopper(), sale())
    yield
    Allotment.objects.update(opens_at=made.taken_at + timedelta(seconds=1))


def somebody_waits_for_nothing() -> Scene:
    made = sale()
    yield
    Waiter.objects.create(allotment=made, shopper=make.shopper(), quantity=1)


def two_wait_for(of: Allotment) -> None:
    """Somebody has all of a sale; two wait for one piece each."""
    make.hold(make.shopper(), of, quantity=of.per_person)
    for _ in range(2):
        join_line(allotment_id=of.pk, shopper_id=make.shopper().pk, quantity=1, takes_fewer=False)


def somebody_jumps_the_line() -> Scene:
    of = sale(pieces=2, per_person=2)
    two_wait_for(of)
    Hold.objects.update(held_until=clock.now() - MINUTES_AGO)
    free_due()
    yield
    Hold.objects.filter(waiter=Waiter.objects.earliest("pk")).update(taken_at=clock.now() + timedelta(seconds=1))


def somebody_claims_past_the_line() -> Scene:
    of = sale(pieces=1, per_person=1)
    two_wait_for(of)
    yield
    Hold.objects.update(taken_at=clock.now() + timedelta(seconds=1))


def somebody_is_served_less_than_they_want() -> Scene:
    of = sale(pieces=2, per_person=2)
    two_wait_for(of)
    Hold.objects.update(held_until=clock.now() - MINUTES_AGO)
    free_due()
    yield
    Waiter.objects.filter(hold__isnull=False).update(quantity=2)


def somebody_waits_after_the_end() -> Scene:
    of = sale(pieces=1, per_person=1)
    two_wait_for(of)
    end_allotment(allotment_id=of.pk)
    yield
    Waiter.objects.update(left_at=None)


def nobody_sweeps() -> Scene:
    make.hold(make.shopper(), sale())
    yield
    Hold.objects.update(held_until=clock.now() - timedelta(seconds=5))


def a_payment_was_too_small() -> Scene:
    order = paid()
    yield
    order.attempts.update(amount_minor=1)


def an_order_does_not_know_that_it_is_paid() -> Scene:
    order = paid()
    yield
    Order.objects.filter(pk=order.pk).update(state="lapsed")


def a_payment_loses_its_piece() -> Scene:
    being_paid()
    yield
    Piece.objects.filter(state=PieceState.PAYING).update(state=PieceState.HELD)


def a_buyer_loses_a_piece() -> Scene:
    paid()
    yield
    Piece.objects.filter(state=PieceState.SOLD).update(state=PieceState.FREE, hold=None)


def a_piece_stays_sold_after_it_was_given_back() -> Scene:
    order = paid()
    piece = Piece.objects.get(order_lines__order=order)
    hold_id = piece.hold_id
    give_back(order, order.lines.get(piece=piece))
    yield
    Piece.objects.filter(pk=piece.pk).update(state=PieceState.SOLD, hold_id=hold_id)


def a_payment_dies_and_nobody_tells_the_piece() -> Scene:
    order = being_paid()
    yield
    order.attempts.update(state=AttemptState.DEAD)


def stock_changes_without_a_move() -> Scene:
    make.variant(stock=5)
    yield
    StockLevel.objects.update(on_hand=F("on_hand") + 1)


def stock_is_kept_for_nobody() -> Scene:
    being_paid()
    yield
    StockLevel.objects.filter(held=1).update(held=2)


def an_entry_has_one_side() -> Scene:
    paid()
    yield
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # what was right is not checked again at the end
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update shop_posting set amount_minor = amount_minor + 1 where amount_minor > 0")
        cursor.execute("set local session_replication_role = origin")


def paid_piece(of: Allotment) -> Order:
    buyer = make.shopper()
    make.hold(buyer, of)
    return make.pay(make.order(buyer, of.variant.product.store))


def a_payment_is_not_in_the_books() -> Scene:
    paid()
    yield
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        Posting.objects.all().delete()
        cursor.execute("set local session_replication_role = origin")


def too_much_goes_back() -> Scene:
    order = paid()
    give_back(order, order.lines.get(piece=None))
    yield
    Refund.objects.update(amount_minor=order.total_minor + 1)


def a_unit_goes_back_without_money() -> Scene:
    order = paid()
    yield
    order.lines.filter(piece=None).update(returned_quantity=1)


def nobody_relays() -> Scene:
    paid()
    yield
    Fact.objects.update(recorded_at=clock.now() - MINUTES_AGO)


def fact_with_delivery() -> Fact:
    with transaction.atomic():
        fact = facts.record("order.paid", subject=1)
    Delivery.objects.create(fact=fact, reaction="open a parcel")
    Fact.objects.update(relayed_at=clock.now())
    return fact


def a_reaction_is_forgotten() -> Scene:
    fact_with_delivery()
    yield
    Fact.objects.update(recorded_at=clock.now() - MINUTES_AGO)


def a_reaction_is_owed_twice() -> Scene:
    a_fact = fact_with_delivery()
    yield
    sql("drop index one_delivery_a_reaction")
    Delivery.objects.create(fact=a_fact, reaction="open a parcel")


def an_order_is_told_paid_twice() -> Scene:
    order = paid()
    yield
    with transaction.atomic():
        facts.record("order.paid", subject=order.pk)


def a_delivery_comes_before_its_fact_was_relayed() -> Scene:
    fact_with_delivery()
    yield
    Fact.objects.update(relayed_at=None)


def a_parcel_has_more_than_was_bought() -> Scene:
    order = paid()
    with transaction.atomic():
        open_parcel(order_id=order.pk)
    yield
    ParcelItem.objects.update(quantity=9)


def a_file_was_paid_for_and_cannot_be_opened() -> Scene:
    paid_file()
    yield
    Order.objects.update(paid_at=clock.now() - MINUTES_AGO)


def nobody_packs() -> Scene:
    paid()
    yield
    Order.objects.update(paid_at=clock.now() - MINUTES_AGO)


def a_refund_leaves_its_unit_in_the_parcel() -> Scene:
    order = paid()
    with transaction.atomic():
        open_parcel(order_id=order.pk)
    give_back(order, order.lines.get(piece=None))
    yield
    Refund.objects.update(asked_at=clock.now() - MINUTES_AGO)


FINDS: dict[str, tuple[Callable[[], Scene], ...]] = {
    "a held piece has a running hold, a piece being paid a fenced one, a sold piece a sold one": (
        a_hold_ends_and_its_piece_does_not_know,
    ),
    "a live hold owns the pieces that it names": (a_hold_loses_a_piece,),
    "a piece has one owner": (two_holds_name_one_piece, a_piece_is_sold_to_two),
    "a hold has as many pieces as it says, and fewer than asked for only where that is wanted": (
        a_hold_has_fewer_than_were_asked_for,
    ),
    "the pieces of a sale are numbered from 1 without a gap": (a_number_is_left_out,),
    "every piece is in one state, and all of them together are those that left the stock": (a_piece_vanishes,),
    "the withdrawn pieces of a sale are those that came back to the stock": (a_withdrawn_piece_is_not_in_stock,),
    "nothing of a sale that ended is free": (a_piece_lies_about_after_the_end,),
    "nobody owns more pieces of a sale than a person may": (somebody_has_too_many, a_person_has_too_many),
    "nothing was taken outside a sale's window": (somebody_was_early, somebody_was_late),
    "nobody was served before somebody earlier in the line whom it fitted": (
        somebody_jumps_the_line,
        somebody_claims_past_the_line,
    ),
    "who was served has what they waited for, or fewer by choice": (somebody_is_served_less_than_they_want,),
    "nobody waits for a sale that ended": (somebody_waits_after_the_end,),
    "no piece is free while somebody it fits waits for it": (somebody_waits_for_nothing,),
    "a hold that ran out is over four seconds later": (nobody_sweeps,),
    "a paid order has one paid attempt, of its amount and currency": (a_payment_was_too_small,),
    "a paid attempt has a paid order": (an_order_does_not_know_that_it_is_paid,),
    "the pieces of a live payment are being paid, or sold once it is authorised": (a_payment_loses_its_piece,),
    "the pieces of a paid order are sold to it until they are given back": (a_buyer_loses_a_piece,),
    "a sold piece is paid for, or its payment is authorised": (a_piece_stays_sold_after_it_was_given_back,),
    "a piece being paid has a live payment": (a_payment_dies_and_nobody_tells_the_piece,),
    "stock is the sum of its moves": (stock_changes_without_a_move,),
    "stock is kept only for payments that live": (stock_is_kept_for_nobody,),
    "every entry of the ledger balances": (an_entry_has_one_side,),
    "the books say what was paid, less what went back": (a_payment_is_not_in_the_books,),
    "no more is refunded than was paid": (too_much_goes_back,),
    "given back units are those of its refunds": (a_unit_goes_back_without_money,),
    "a reaction to a fact is owed once": (a_reaction_is_owed_twice,),
    "what was done once is told once": (an_order_is_told_paid_twice,),
    "only what was relayed has deliveries": (a_delivery_comes_before_its_fact_was_relayed,),
    "every fact was relayed within 60 s": (nobody_relays,),
    "every reaction happened within 60 s of its fact, or waits for a payment of an order that was called off": (
        a_reaction_is_forgotten,
    ),
    **broken_records.FINDS,
    "units of an order line are sent once": (a_parcel_has_more_than_was_bought,),
    "each unit of a file that was paid for has one right": (a_file_was_paid_for_and_cannot_be_opened,),
    "everything paid that is sent is in a parcel": (nobody_packs,),
    "a parcel that is still here holds what was not given back": (a_refund_leaves_its_unit_in_the_parcel,),
}


def test_each_invariant_is_tried() -> None:
    assert FINDS.keys() == INVARIANTS.keys()


@pytest.mark.parametrize(("name", "breaks"), [(name, breaks) for name, all_of in FINDS.items() for breaks in all_of])
def test_what_is_broken_is_found(name: str, breaks: Callable[[], Scene]) -> None:
    scene = breaks()
    next(scene)
    assert broken_invariants() == {}

    next(scene, None)

    assert name in broken_invariants()


def test_a_piece_that_is_sold_again_breaks_nothing() -> None:
    order = paid()
    piece = Piece.objects.get(order_lines__order=order)
    give_back(order, order.lines.get(piece=piece))
    victor = make.shopper()
    claim_pieces(allotment_id=piece.allotment_id, shopper_id=victor.pk, key=uuid4(), quantity=1)
    make.pay(make.order(victor, order.store))

    with transaction.atomic():
        cancel_order(order=order, by=None, reason="The rest too", at=clock.now())

    piece.refresh_from_db()
    assert piece.hold.shopper == victor  # type: ignore[union-attr]
    assert broken_invariants() == {}


def test_two_guests_who_turn_out_to_be_one_person_break_nothing() -> None:
    of, vera = sale(per_person=1), make.user()
    for browser in (make.shopper(), make.shopper()):
        make.hold(browser, of)
        welcome(shopper_id=browser.pk, user=vera)

    assert broken_invariants() == {}


def test_a_claim_after_a_hold_that_ran_out_and_was_not_swept_breaks_nothing(noon: object, vera: Shopper) -> None:
    of = sale(per_person=1)
    make.hold(vera, of)
    set_clock(clock.database_now() + timedelta(seconds=of.hold_s + 2))

    make.hold(vera, of)

    assert Piece.objects.filter(state=PieceState.HELD).count() == 1
    assert broken_invariants() == {}


def test_a_sale_that_closes_while_somebody_waits_breaks_nothing(noon: object, vera: Shopper) -> None:
    of = sale(pieces=1)
    make.hold(make.shopper(), of)
    join_line(allotment_id=of.pk, shopper_id=vera.pk, quantity=1, takes_fewer=False)
    set_clock(of.closes_at)
    free_due()

    assert Piece.objects.get().state == PieceState.FREE
    assert broken_invariants() == {}


def test_a_file_given_back_a_moment_ago_breaks_nothing() -> None:
    order = paid_file()
    with transaction.atomic():
        downloads.settle(order_id=order.pk)
    Order.objects.update(paid_at=clock.now() - MINUTES_AGO)

    give_back(order, order.lines.get())

    assert broken_invariants() == {}
    Refund.objects.update(asked_at=clock.now() - MINUTES_AGO)
    assert list(broken_invariants()) == ["each unit of a file that was paid for has one right"]


def test_a_refund_that_failed_or_is_on_its_way_breaks_nothing() -> None:
    order = paid()
    give_back(order, order.lines.get(piece=None))

    for state in (RefundState.SENT, RefundState.FAILED):
        Refund.objects.update(state=state)
        assert broken_invariants() == {}


def test_an_order_called_off_while_it_is_paid_breaks_nothing_until_the_payment_is_over() -> None:
    order = being_paid()
    with transaction.atomic():
        fact = facts.record("order.called_off", subject=order.pk, allotment=1)
    Delivery.objects.create(fact=fact, reaction="give the money back")
    Fact.objects.update(recorded_at=clock.now() - MINUTES_AGO, relayed_at=clock.now())

    assert broken_invariants() == {}
    Attempt.objects.update(ended_at=clock.now() - timedelta(minutes=11))
    assert next(iter(broken_invariants())).startswith("every reaction happened")


def test_what_was_given_back_on_its_way_breaks_nothing() -> None:
    order = paid()
    with transaction.atomic():
        box = open_parcel(order_id=order.pk)
    Parcel.objects.filter(pk=box.pk).update(state=ParcelState.SHIPPED, carrier="ups")  # type: ignore[union-attr]
    give_back(order, order.lines.get(piece=None))
    Refund.objects.update(asked_at=clock.now() - MINUTES_AGO)

    assert broken_invariants() == {}


def test_goods_that_were_partly_given_back_stay_in_their_parcel() -> None:
    order = paid()
    give_back(order, order.lines.get(piece=None))
    with transaction.atomic():
        open_parcel(order_id=order.pk)
    Order.objects.update(paid_at=clock.now() - MINUTES_AGO)

    assert broken_invariants() == {}
