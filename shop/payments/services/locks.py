"""Whoever changes an order's money locks the order first; all locks: docs/decisions/0005-lock-order.md."""

from uuid import UUID

from shop.core.db import inside_transaction
from shop.orders.models import Order
from shop.payments.models import Attempt


@inside_transaction
def lock_order(order_id: int) -> Order:
    """The order as it is now, nobody else's until the transaction ends."""
    return Order.objects.select_for_update(of=("self",)).select_related("store").get(pk=order_id)


@inside_transaction
def lock_attempt(attempt_id: UUID) -> Attempt:
    """The attempt as it is now, its order locked before it."""
    order_id = Attempt.objects.values_list("order_id", flat=True).get(pk=attempt_id)
    order = lock_order(order_id)
    attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
    attempt.order = order
    return attempt
