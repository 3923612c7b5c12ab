"""A limit that counts by person counts by card and by address too, when money was authorised and is not taken yet."""

import zlib
from collections import Counter

from django.db import connection
from django.db.models import F, Q, QuerySet

from shop.core.db import inside_transaction
from shop.orders.models import Order, OrderLine
from shop.payments.limits import Limit
from shop.payments.models import Attempt
from shop.payments.states import AttemptState
from shop.stock.models import Allotment
from shop.stock.states import PieceState

LIMIT_LOCKS = 0x57A6ED01


@inside_transaction
def limit_hit(attempt: Attempt) -> Limit | None:
    """The limit that selling an authorised order would break: its card, or its address, would have more pieces of a
    sale than one person may have. None where all is well, as for an order without pieces.

    Orders of one card or one address pass here one by one, each seeing what the one before it bought.
    """
    order = attempt.order
    wanted = _pieces_by_sale(OrderLine.objects.filter(order=order, piece__isnull=False))
    most = dict(Allotment.objects.filter(pk__in=wanted).values_list("pk", "per_person"))
    _take_turns(attempt.fingerprint, order.doorstep)
    for limit, mark, same in (
        (Limit.CARD, attempt.fingerprint, Q(order__attempts__fingerprint=attempt.fingerprint)),
        (Limit.ADDRESS, order.doorstep, Q(order__doorstep=order.doorstep)),
    ):
        had = _bought(same, order, sales=wanted) if mark else Counter()
        if any(wanted[sale] + had[sale] > most[sale] for sale in wanted):
            return limit
    return None


def _bought(same: Q, order: Order, *, sales: Counter[int]) -> Counter[int]:
    """Pieces by sale that others, paid for or about to be, have and did not give back."""
    taken = Q(order__attempts__state__in=[AttemptState.AUTHORISED, AttemptState.PAID])
    owned = Q(piece__state=PieceState.SOLD, piece__hold_id=F("hold_id"), returned_quantity=0)
    return _pieces_by_sale(
        OrderLine.objects.filter(same, taken, owned, piece__allotment__in=sales).exclude(order=order)
    )


def _pieces_by_sale(lines: QuerySet[OrderLine]) -> Counter[int]:
    return Counter(lines.values_list("piece__allotment_id", flat=True))


def _take_turns(*marks: str) -> None:
    """Wait for whoever looks at the same card or address, until the transaction ends; always in one order."""
    keys = {zlib.crc32(mark.encode()) - (1 << 31) for mark in marks if mark}
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LIMIT_LOCKS, key])
