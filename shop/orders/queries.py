"""Orders, for who may see them."""

from django.db.models import QuerySet

from shop.accounts.models import Shopper
from shop.accounts.queries import person_ids
from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.stores.models import Store


def whole_orders() -> QuerySet[Order]:
    """Orders with their store, address and lines, newest first."""
    return (
        Order.objects.select_related("store", "ship_to", "shopper__user")
        .prefetch_related("lines__variant__product__pictures", "lines__piece")
        .order_by("-placed_at", "-id")
    )


def order_by_token(token: str) -> Order:
    """The order behind a secret link. Raises Order.DoesNotExist."""
    return whole_orders().get(token=token)


def order_of(*, shopper: Shopper, number: str) -> Order:
    """A person's own order. Raises Order.DoesNotExist, for somebody else's too."""
    return orders_of(shopper).get(number=number)


def orders_of(shopper: Shopper) -> QuerySet[Order]:
    """A person's orders, newest first; not those that lapsed without a payment."""
    return whole_orders().filter(shopper_id__in=person_ids(shopper)).exclude(state=OrderState.LAPSED)


def open_orders(shopper: Shopper, store: Store) -> QuerySet[Order]:
    """The person's orders from this store that still wait for their payment, newest first: one for each browser."""
    return whole_orders().filter(shopper_id__in=person_ids(shopper), store=store, state=OrderState.PLACED)


def open_order(shopper: Shopper, store: Store) -> Order | None:
    """The newest of them, if there is any."""
    return open_orders(shopper, store).first()


def find_orders(email: str) -> QuerySet[Order]:
    """Orders that were paid with this address, newest first: only ever for a letter to that address."""
    paid = whole_orders().filter(paid_at__isnull=False)
    return paid.filter(email__iexact=email.strip())
