"""Which sale a drop's pieces are in: read once a second at most, by one thread, for it hardly ever changes."""

import threading
import time
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError, connection

from liveevents.drops.queries import public_drops
from shop.core.errors import Busy
from shop.stock.errors import UnknownSale

LASTS_S: Final = 1.0
# While one thread reads anew the others go on with what was known, unless that is so much older; then they wait.
LASTS_MEANWHILE_S: Final = 5.0
PATIENCE_S: Final = 3.0
READERS: Final = 16
MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Sale:
    """Where the drop's pieces are, and in which currency they cost."""

    allotment_id: int
    currency: str


UNKNOWN: Final[tuple[Sale | None, float]] = (None, float("-inf"))


class Sales:
    """The drops that everybody may see, as this process read them lately."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Sale | None, float]] = {}
        self._reading = [threading.Lock() for _ in range(READERS)]

    def find(self, drop_id: int) -> Sale:
        """Raises UnknownSale, also for a draft's drops and a closed store's; Busy where the database is away."""
        came_at, (sale, old_at) = time.monotonic(), self._known.get(drop_id, UNKNOWN)
        if connection.in_atomic_block:
            sale = self._read(drop_id)
        elif came_at >= old_at:
            sale = self._renewed(drop_id, came_at=came_at)
        if sale is None:
            raise UnknownSale
        return sale

    def known(self, drop_id: int) -> Sale | None:
        """The sale as it was last read here, however long ago: enough to look for a notice, which is never old."""
        return self._known.get(drop_id, UNKNOWN)[0]

    def forget(self) -> None:
        """Read everything again."""
        self._known.clear()

    def _renewed(self, drop_id: int, *, came_at: float) -> Sale | None:
        """One thread reads: thousands ask at the same moment, and pages want the same connections."""
        reading, (sale, old_at) = self._reading[drop_id % READERS], self._known.get(drop_id, UNKNOWN)
        may_wait = came_at >= old_at + LASTS_MEANWHILE_S
        if not reading.acquire(timeout=PATIENCE_S if may_wait else 0):
            if may_wait:
                raise Busy(wait_s=1)
            return sale
        try:
            sale, old_at = self._known.get(drop_id, UNKNOWN)
            return sale if came_at < old_at else self._read(drop_id)
        finally:
            reading.release()

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
