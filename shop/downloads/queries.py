"""Who may fetch what: every question names the one who asks."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.catalog.models import DigitalFile
from shop.downloads.models import Right
from shop.orders.models import Order


@dataclass(frozen=True)
class Shelf:
    """One bought unit of a product with files: its right, and the files it opens (none once it is revoked)."""

    right: Right
    title: str
    files: tuple[DigitalFile, ...]


def library_of(shopper: Shopper) -> list[Shelf]:
    """Every file that the person bought and kept, the newest first; units of one line stand together."""
    return _shelves(_rights().filter(order_line__order__shopper_id__in=person_ids(shopper), revoked_at=None))


def files_of(order: Order) -> list[Shelf]:
    """The files of one order; who holds its link may see them."""
    return _shelves(_rights().filter(order_line__order=order))


def file_to_fetch(*, order: Order, right_id: int, file_id: int) -> tuple[Right, DigitalFile]:
    """A right of this order that is not revoked, and a file it opens. Raises Right.DoesNotExist or
    DigitalFile.DoesNotExist."""
    right = _rights().get(order_line__order=order, id=right_id, revoked_at=None)
    return right, DigitalFile.objects.get(id=file_id, product_id=right.order_line.variant.product_id)


def _rights() -> QuerySet[Right]:
    joined = Right.objects.select_related("order_line__order__store", "order_line__variant__product")
    return joined.prefetch_related("order_line__variant__product__files", "order_line__variant__product__pictures")


def _shelves(rights: QuerySet[Right]) -> list[Shelf]:
    ordered: Iterable[Right] = rights.order_by(F("order_line__order_id").desc(), "order_line_id", "unit")
    return [_shelf(right) for right in ordered]


def _shelf(right: Right) -> Shelf:
    files = () if right.revoked_at else tuple(right.order_line.variant.product.files.all())
    return Shelf(right=right, title=right.order_line.title, files=files)
