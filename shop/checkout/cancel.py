"""The buyer's own way out. It stands here because it needs all three: fulfilment and downloads, which must not know
payments, say whether the goods are still here and keep them so; payments gives the money back.
"""

from datetime import datetime

from django.db import transaction

from shop.downloads.services import keep_unfetched, settle
from shop.fulfilment.services import follow_refund, keep_open
from shop.orders.models import Order
from shop.payments.models import Refund
from shop.payments.services import cancel_order

REASON = "You cancelled the order."


@transaction.atomic(durable=True)
def cancel_by_buyer(*, order: Order, at: datetime) -> Refund:
    """Give back everything of a paid order, as long as nothing of it was packed and no file of it was fetched.

    Against somebody who packs or fetches at this moment exactly one wins: both lock parcel or right first. What was
    bought as a file is revoked at once. Raises TooLateToCancel, AlreadyFetched, NotPaid.
    """
    keep_open(order_id=order.id)
    keep_unfetched(order_id=order.id)
    refund = cancel_order(order=order, by=None, reason=REASON, at=at)
    follow_refund(order_id=order.id)
    settle(order_id=order.id)
    return refund
