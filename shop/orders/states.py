"""What becomes of an order. Payment, parcels and pieces have machines of their own."""

from django.db import models

from shop.core.states import Moves


class OrderState(models.TextChoices):
    """PLACED waits for its payment; LAPSED never got it; CANCELLED got it back in full."""

    PLACED = "placed"
    PAID = "paid"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


ORDER_MOVES: Moves = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.LAPSED}),
    OrderState.PAID: frozenset({OrderState.CANCELLED}),
    OrderState.LAPSED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}
