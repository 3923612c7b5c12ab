"""A cancelled show: everybody who bought its pieces gets their money back, each order by itself."""

from collections.abc import Collection
from datetime import datetime

from shop.core import facts
from shop.core.db import inside_transaction
from shop.core.errors import Conflict
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.payments.models import Attempt
from shop.payments.services.locks import lock_order
from shop.payments.services.refunding import Returned, ask_refund
from shop.payments.states import LIVE_ATTEMPTS


class StillPaying(Conflict):
    """Stripe has not said yet whether the order is paid: the reaction is tried again."""

    code = "still_paying"
    sentence = "This order is being paid right now."


@inside_transaction
def call_off_pieces(*, allotment_ids: Collection[int], at: datetime) -> int:
    """Record the fact order.called_off for each order with pieces of these allotments; how many.

    `refund_called_off` is the reaction to it, so that one order that cannot be refunded yet holds up no other. A
    payment under way is asked to end.
    """
    orders = Order.objects.filter(
        state__in=[OrderState.PLACED, OrderState.PAID], lines__piece__allotment_id__in=allotment_ids
    )
    pairs = set(orders.values_list("pk", "lines__piece__allotment_id"))
    for order_id, allotment_id in sorted(pair for pair in pairs if pair[1] in allotment_ids):
        facts.record("order.called_off", subject=order_id, allotment=allotment_id)
    order_ids = {order_id for order_id, _ in pairs}
    Attempt.objects.filter(order__in=order_ids, state__in=LIVE_ATTEMPTS, end_asked_at=None).update(end_asked_at=at)
    return len(order_ids)


@inside_transaction
def refund_called_off(*, order_id: int, allotment_id: int, comes_back: bool, reason: str, at: datetime) -> None:
    """Give back what an order paid for the pieces of an allotment; what comes back goes to it, and so to stock.

    Raises StillPaying while Stripe has not said whether it is paid: try again.
    """
    order = lock_order(order_id)
    if order.is_open and order.attempts.filter(state__in=LIVE_ATTEMPTS).exists():
        raise StillPaying
    pieces = order.lines.filter(piece__allotment_id=allotment_id, returned_quantity=0)
    units = {line.pk: 1 for line in pieces}
    if order.is_paid and units:
        returned = Returned(units, comes_back=comes_back, with_shipping=False)
        ask_refund(order=order, returned=returned, by=None, reason=reason, at=at)
