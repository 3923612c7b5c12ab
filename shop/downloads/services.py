"""Rights follow what an order still keeps: given when it is paid, revoked with the units that go back."""

from django.db.models import QuerySet

from shop.core.clock import DatabaseNow
from shop.core.db import inside_transaction
from shop.downloads.models import Right
from shop.orders.models import Order, OrderLine


@inside_transaction
def settle(*, order_id: int) -> None:
    """Give a paid order's file lines one right for each unit, and revoke one for each unit given back, the last first.

    Doing it twice, or in whatever order the facts arrive, ends the same. A right once revoked stays revoked.
    """
    order = Order.objects.get(id=order_id)
    if order.paid_at is None:
        return
    for line in order.lines.select_for_update(of=("self",)).filter(is_digital=True):
        Right.objects.bulk_create(
            (Right(order_line=line, unit=unit) for unit in range(1, line.quantity + 1)), ignore_conflicts=True
        )
        _beyond_what_is_kept(line).update(revoked_at=DatabaseNow())


def _beyond_what_is_kept(line: OrderLine) -> QuerySet[Right]:
    return Right.objects.filter(order_line=line, revoked_at=None, unit__gt=line.kept_quantity)
