"""Everything at once on the same few goods: buying, paying, dying, refunding, expiring, ending."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from django.db.models import QuerySet, Sum

from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.errors import Conflict
from shop.ledger.queries import balance
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderState
from shop.payments.models import RefundLine
from shop.payments.seen import Status
from shop.payments.services import apply, lapse_old_orders, refund, start_payment
from shop.payments.states import LIVE_ATTEMPTS
from shop.stock.models import Allotment, Piece, StockLevel, StockMove
from shop.stock.services import end_allotment, free_due
from shop.stock.states import PieceState
from tests import make

Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)

UNITS, PIECES, BUYERS, ROUNDS = 40, 12, 6, 4
FATES = ([Status.PAID], [Status.AUTHORISED, Status.PAID], [Status.DEAD], [Status.AUTHORISED, Status.DEAD])


def shop_around(shopper: Shopper, sale: Allotment, dice: random.Random) -> None:
    """One buyer's afternoon: piece and ordinary unit of the same thing, and whatever becomes of the payment."""
    for _ in range(ROUNDS):
        with suppress(Conflict):
            make.in_cart(shopper, sale.variant, dice.randint(1, 2))
            make.hold(shopper, sale)
        with suppress(Conflict):
            live_through(make.order(shopper, sale.variant.product.store), dice)


def live_through(order: Order, dice: random.Random) -> None:
    attempt = order.attempts.latest("started_at")
    for status in dice.choice(FATES):
        apply(attempt_id=attempt.pk, seen=make.seen(attempt, status), at=clock.now())
    order.refresh_from_db()
    if order.is_open:
        start_payment(order=order, at=clock.now())
    elif order.is_paid and dice.random() < 0.5:
        give_one_back(order, comes_back=dice.random() < 0.7)


def give_one_back(order: Order, *, comes_back: bool) -> None:
    lines = {order.lines.earliest("pk").pk: 1}
    refund(
        order=order, lines=lines, comes_back=comes_back, with_shipping=False, by=None, reason="Broken", at=clock.now()
    )


def sweep(sale: Allotment) -> None:
    """What tick does meanwhile; the sale ends after a third of it."""
    for turn in range(ROUNDS * 3):
        free_due()
        lapse_old_orders(at=clock.now())
        if turn == ROUNDS:
            end_allotment(allotment_id=sale.pk)


def units(rows: "QuerySet[OrderLine] | QuerySet[RefundLine]") -> int:
    return rows.aggregate(sum=Sum("quantity"))["sum"] or 0


def test_everything_at_once_locks_nobody_out_and_adds_up(race: Race) -> None:
    variant = make.variant(stock=UNITS)
    make.rates(variant.product.store)
    sale = make.allotment(variant, pieces=PIECES, per_person=4)
    crowd = [partial(shop_around, make.shopper(), sale, random.Random(seed)) for seed in range(BUYERS)]

    race(*crowd, partial(sweep, sale), partial(sweep, sale))

    level = StockLevel.objects.get(variant=variant)
    assert level.on_hand == StockMove.objects.aggregate(sum=Sum("delta"))["sum"]
    ordinary = OrderLine.objects.filter(piece=None)
    assert level.held == units(ordinary.filter(order__attempts__state__in=LIVE_ATTEMPTS))
    away = Piece.objects.exclude(state=PieceState.WITHDRAWN).count()
    bought = units(ordinary.filter(order__paid_at__isnull=False))
    back = units(RefundLine.objects.filter(order_line__piece=None, comes_back=True))
    assert level.on_hand + away + bought - back == UNITS
    paid = Order.objects.filter(state__in=[OrderState.PAID, OrderState.CANCELLED])
    assert balance("stripe", "EUR").amount_minor == paid.aggregate(sum=Sum("total_minor"))["sum"]
