"""What must never be, made by hand: each scene is right until its yield, and breaks one invariant after it."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F

from shop.core import clock, facts
from shop.core.facts import Delivery, Fact
from shop.fulfilment.models import ParcelItem
from shop.fulfilment.services import open_parcel
from shop.ledger.models import Posting
from shop.orders.models import Order, OrderLine
from shop.payments.models import Refund
from shop.payments.services import refund
from shop.payments.states import AttemptState
from shop.stock.models import Allotment, Hold, Piece, StockLevel, StockMove, Waiter
from shop.stock.services import end_allotment, free_due, join_line
from shop.stock.states import PieceState
from tests import make

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
