"""A cancelled show, where the live side meets the money: who bought its pieces gets the price back."""

from liveevents.drops.models import Drop
from liveevents.drops.queries import allotments_of, was_called_off
from shop.core import clock, facts
from shop.core.db import inside_transaction
from shop.core.facts import Fact
from shop.fulfilment.queries import has_left
from shop.orders.models import OrderLine
from shop.payments import services as payments


@inside_transaction
def find_buyers(*, event_id: int) -> None:
    """Record order.called_off for every order with pieces of a show that was cancelled."""
    payments.call_off_pieces(allotment_ids=allotments_of(event_id), at=clock.now())


@inside_transaction
def look_again(*, order_id: int) -> None:
    """The same for an order that was paid while its show was being cancelled."""
    pieces = OrderLine.objects.filter(order_id=order_id, piece__isnull=False)
    for allotment_id in pieces.values_list("piece__allotment_id", flat=True).distinct():
        if was_called_off(allotment_ids=[allotment_id]):
            facts.record("order.called_off", subject=order_id, allotment=allotment_id)


@inside_transaction
def give_back(fact: Fact) -> None:
    """What order.called_off asks for: the price of the order's pieces of one allotment. Raises StillPaying.

    The buyer keeps what was sent already: it does not come back to stock.
    """
    allotment_id = int(fact.numbers["allotment"])
    show = Drop.objects.select_related("event").get(allotment_id=allotment_id).event
    payments.refund_called_off(
        order_id=int(fact.subject),
        allotment_id=allotment_id,
        comes_back=not has_left(order_id=int(fact.subject)),
        reason=f"The show “{show.title}” was cancelled.",
        at=clock.now(),
    )
