"""Starting a payment, and giving it up."""

from datetime import datetime, timedelta

from django.db import transaction

from shop.core import facts
from shop.core.db import inside_transaction
from shop.core.errors import Conflict
from shop.orders.models import Order
from shop.orders.services import lapse
from shop.payments.goods import keep_goods, let_go_of_goods, sales_in
from shop.payments.models import Attempt
from shop.payments.services.locks import lock_order
from shop.payments.services.settling import settle_free
from shop.payments.states import LIVE_ATTEMPTS
from shop.payments.times import PAY_S


class NotPayable(Conflict):
    """The order is paid, lapsed or cancelled."""

    code = "not_payable"
    sentence = "This order is not waiting for a payment."


@transaction.atomic(durable=True)
def start_payment(*, order: Order, at: datetime) -> Attempt:
    """Pay an order that was placed: its live attempt if there is one, else a new one.

    Raises NotPayable; HoldExpired and OutOfStock where its goods are gone.
    """
    order = lock_order(order.pk)
    live = order.attempts.filter(state__in=LIVE_ATTEMPTS).first()
    if live:
        return live
    if not order.is_open:
        raise NotPayable
    return open_attempt(order=order, at=at)


@inside_transaction
def open_attempt(*, order: Order, at: datetime) -> Attempt:
    """Keep the order's goods while it is paid, and write down that it is.

    Stripe is not asked here: `talk` does that when its turn comes, and PAY_S seconds count from then. What costs
    nothing is paid at once. Raises HoldExpired, OutOfStock.
    """
    sales = sales_in(order)
    attempt = Attempt.objects.create(
        order=order,
        amount_minor=order.total_minor,
        currency=order.currency,
        captures_later=bool(sales),
        queue=sales[0] if sales else -order.store_id,
        started_at=at,
        looked_at=at,
        pay_until=at + timedelta(seconds=PAY_S),
    )
    keep_goods(order=order, for_s=PAY_S)
    facts.record("attempt.started", subject=attempt.pk, order=order.pk)
    if not order.total:
        settle_free(attempt, at=at)
    return attempt


@transaction.atomic(durable=True)
def give_up(*, order: Order, at: datetime) -> None:
    """The buyer does not want to pay after all: `talk` asks Stripe to end the live attempt, if there is one.

    Until Stripe confirms it the goods stay kept; if the money was faster the order is paid. Where nothing is being paid
    any more, the pieces are let go and the order lapses.
    """
    order = lock_order(order.pk)
    live = order.attempts.filter(state__in=LIVE_ATTEMPTS)
    if live.exists():
        live.filter(end_asked_at=None).update(end_asked_at=at)
    elif order.is_open:
        let_go_of_goods(order)
        lapse(order=order, at=at)
