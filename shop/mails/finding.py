"""Somebody lost the links to their orders: only their own mailbox gets them."""

from uuid import uuid4

from django.db import transaction

from shop.mails.letters import order_links
from shop.mails.services import write
from shop.orders.queries import find_orders

MOST_ORDERS = 20


@transaction.atomic(durable=True)
def send_order_links(*, email: str) -> None:
    """Write a letter with the links of the newest orders paid with this address; none where there is no order.

    It says nothing to the caller, so that nobody learns who bought here.
    """
    orders = list(find_orders(email)[:MOST_ORDERS])
    if orders:
        write(order_links(email=orders[0].email, orders=orders, reference=f"order.links:{uuid4()}"))
