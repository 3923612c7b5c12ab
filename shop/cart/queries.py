"""What is in a cart."""

from django.db.models import QuerySet, Sum

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.cart.models import CartLine
from shop.stores.models import Store


def lines_of(shopper: Shopper, store: Store) -> QuerySet[CartLine]:
    """A person's lines from one store, whichever browser they were put in by, in that order; variants ready."""
    return (
        CartLine.objects.filter(shopper_id__in=person_ids(shopper), variant__product__store=store)
        .select_related("variant__product")
        .prefetch_related("variant__pictures", "variant__product__pictures")
        .order_by("added_at", "id")
    )


def units_in_cart(shopper: Shopper, store: Store) -> int:
    """How many units a person has in the cart of one store."""
    lines = CartLine.objects.filter(shopper_id__in=person_ids(shopper), variant__product__store=store)
    return lines.aggregate(units=Sum("quantity"))["units"] or 0
