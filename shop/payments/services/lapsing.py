"""Orders that nobody pays any more."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from shop.orders.models import Order
from shop.orders.services import lapse
from shop.orders.states import OrderState
from shop.payments.models import Attempt
from shop.payments.services.locks import lock_order
from shop.payments.states import LIVE_ATTEMPTS

WAITS = timedelta(minutes=30)


def lapse_old_orders(*, at: datetime) -> int:
    """Lapse what was placed half an hour ago, or lost a hold, and is not being paid; how many.

    Each order has a transaction of its own.
    """
    live = Attempt.objects.filter(order=OuterRef("pk"), state__in=LIVE_ATTEMPTS)
    lost = Q(lines__hold__ended_at__isnull=False)
    due = Order.objects.filter(Q(placed_at__lte=at - WAITS) | lost, ~Exists(live), state=OrderState.PLACED)
    return sum(_lapse_unpaid(order_id, at=at) for order_id in set(due.values_list("pk", flat=True)))


@transaction.atomic(durable=True)
def _lapse_unpaid(order_id: int, *, at: datetime) -> bool:
    order = lock_order(order_id)
    if not order.is_open or order.attempts.filter(state__in=LIVE_ATTEMPTS).exists():
        return False
    lapse(order=order, at=at)
    return True
