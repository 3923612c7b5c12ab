"""What is in a cart."""

from django.db.models import QuerySet, Sum

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.cart.models import CartLine
from shop.stock.queries import holds_of
from shop.stores.models import Store


def lines_of(shopper: Shopper, store: Store) -> QuerySet[CartLine]:
    """A person's lines from one store, whichever browser they were put in by, in that order; variants ready."""
    return (
        CartLine.objects.filter(shopper_id__in=person_ids(shopper), variant__product__store=store)
        .select_related("variant__product")
        .prefetch_related("variant__pictures", "variant__product__pictures")
        .order_by("added_at", "id")
    )


def units_put_aside(shopper: Shopper, store_handle: str) -> int:
    """How many units a person has in a store's cart, and how many pieces are held for them there."""
    mine = person_ids(shopper)
    lines = CartLine.objects.filter(shopper_id__in=mine, variant__product__store__handle=store_handle)
    held = holds_of(shopper).filter(allotment__variant__product__store__handle=store_handle)
    return sum(rows.aggregate(units=Sum("quantity"))["units"] or 0 for rows in (lines, held))
