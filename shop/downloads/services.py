"""Rights follow what an order still keeps: given when it is paid, revoked with the units that go back."""

from django.db import transaction
from django.db.models import QuerySet

from shop.catalog.models import DigitalFile
from shop.core.clock import DatabaseNow
from shop.core.db import inside_transaction
from shop.core.errors import Conflict
from shop.downloads.models import Right
from shop.orders.models import Order, OrderLine


class AlreadyFetched(Conflict):
    """A file cannot be given back once it was sent; whether to refund it is for the seller to decide."""

    code = "already_fetched"
    sentence = "A file of this order was downloaded already. Write to the seller if something is wrong with it."


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


@transaction.atomic(durable=True)
def fetch(*, right_id: int, file_id: int) -> DigitalFile:
    """The file that a right opens now, noted as sent. Raises Right.DoesNotExist, DigitalFile.DoesNotExist."""
    right = Right.objects.select_for_update(of=("self",), no_key=True).select_related("order_line__variant")
    found = right.get(id=right_id, revoked_at=None)
    file = DigitalFile.objects.get(id=file_id, product_id=found.order_line.variant.product_id)
    Right.objects.filter(id=found.id, fetched_at=None).update(fetched_at=DatabaseNow())
    return file


@inside_transaction
def keep_unfetched(*, order_id: int) -> None:
    """Nobody fetches a file of the order until the transaction ends. Raises AlreadyFetched."""
    rights = Right.objects.select_for_update(of=("self",), no_key=True).filter(order_line__order_id=order_id)
    if any(right.fetched_at and not right.revoked_at for right in rights.order_by("id")):
        raise AlreadyFetched


def _beyond_what_is_kept(line: OrderLine) -> QuerySet[Right]:
    return Right.objects.filter(order_line=line, revoked_at=None, unit__gt=line.kept_quantity)
