"""The buyer's own way out. It stands here because it needs both: fulfilment, which must not know payments, says whether
the parcel is still open and keeps it so; payments gives the money back.
"""

from datetime import datetime

from django.db import transaction

from shop.fulfilment.services import follow_refund, keep_open
from shop.orders.models import Order
from shop.payments.models import Refund
from shop.payments.services import cancel_order

REASON = "You cancelled the order."


@transaction.atomic(durable=True)
def cancel_by_buyer(*, order: Order, at: datetime) -> Refund:
    """Give back everything of a paid order, as long as nothing of it was packed.

    Against somebody who packs at this moment exactly one wins: both lock the parcel first. Files that were bought
    are revoked. Raises TooLateToCancel, NotPaid.
    """
    keep_open(order_id=order.id)
    refund = cancel_order(order=order, by=None, reason=REASON, at=at)
    follow_refund(order_id=order.id)
    return refund
