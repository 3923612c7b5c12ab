"""Which sale a drop's pieces are in: read once a second at most, for it hardly ever changes."""

import time
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError, connection

from liveevents.drops.queries import public_drops
from shop.core.errors import Busy
from shop.stock.errors import UnknownSale

LASTS_S: Final = 1.0
MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Sale:
    """Where the drop's pieces are, and in which currency they cost."""

    allotment_id: int
    currency: str


class Sales:
    """The drops that everybody may see, as this process read them lately."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Sale | None, float]] = {}

    def find(self, drop_id: int) -> Sale:
        """Raises UnknownSale, also for a draft's drops and a closed store's; Busy where the database is away."""
        sale, old_at = self._known.get(drop_id, (None, 0.0))
        if connection.in_atomic_block or time.monotonic() >= old_at:
            sale = self._read(drop_id)
        if sale is None:
            raise UnknownSale
        return sale

    def forget(self) -> None:
        """Read everything again."""
        self._known.clear()

    def _read(self, drop_id: int) -> Sale | None:
        at = time.monotonic()
        rows = public_drops().filter(pk=drop_id).values_list("allotment_id", "allotment__currency")
        try:
            row = rows.first()
        except OperationalError as away:
            raise Busy(wait_s=1) from away
        finally:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        sale = Sale(*row) if row else None
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[drop_id] = sale, at + LASTS_S
        return sale
