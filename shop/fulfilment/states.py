"""The way of a parcel."""

from django.db import models

from shop.core.states import Moves


class ParcelState(models.TextChoices):
    """MISSING waits for somebody to find the goods; EMPTY has nothing left to send."""

    TO_PACK = "to_pack"
    MISSING = "missing"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    EMPTY = "empty"


PARCEL_MOVES: Moves = {
    ParcelState.TO_PACK: frozenset({ParcelState.PACKED, ParcelState.MISSING, ParcelState.EMPTY}),
    ParcelState.MISSING: frozenset({ParcelState.TO_PACK, ParcelState.EMPTY}),
    ParcelState.PACKED: frozenset({ParcelState.TO_PACK, ParcelState.SHIPPED, ParcelState.EMPTY}),
    ParcelState.SHIPPED: frozenset({ParcelState.DELIVERED, ParcelState.PACKED}),
    ParcelState.DELIVERED: frozenset({ParcelState.SHIPPED}),
    ParcelState.EMPTY: frozenset(),
}
