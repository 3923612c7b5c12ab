"""A drop at one instant: everything that may be said of it follows from its rows and the clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveevents.drops.models import Drop
from shop.catalog.models import Product, Variant
from shop.core.money import Money
from shop.stock.queries import Counts


class DropState(StrEnum):
    """Never stored: it follows from the window, the end, the free pieces and the clock."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    OPEN = "open"
    SOLD_OUT = "sold_out"
    OVER = "over"


@dataclass(frozen=True)
class DropNow:
    """A drop of so many `pieces` at the instant `now`; one person has `owned` of them, and this `place` in the line.

    `waited_in_vain`: they were still in the line when it ended.
    """

    drop: Drop
    now: datetime
    counts: Counts
    pieces: int
    owned: int
    place: int | None
    waited_in_vain: bool

    @property
    def state(self) -> DropState:
        """What may be said of it now. "Sold out" may pass: a piece can come back while the window is open."""
        sale = self.drop.allotment
        if sale.ended_at or (sale.closes_at and sale.closes_at <= self.now):
            return DropState.OVER
        if sale.opens_at is None:
            return DropState.PLANNED
        if sale.opens_at > self.now:
            return DropState.ANNOUNCED
        return DropState.OPEN if self.counts.free else DropState.SOLD_OUT

    @property
    def is_running(self) -> bool:
        """Its window is open, whether or not a piece is free."""
        return self.state in (DropState.OPEN, DropState.SOLD_OUT)

    @property
    def is_over(self) -> bool:
        return self.state == DropState.OVER

    @property
    def ms_to_open(self) -> int | None:
        """Milliseconds until it opens; None where that is not to come, or not known."""
        return _ms(self.drop.allotment.opens_at, self.now) if self.state == DropState.ANNOUNCED else None

    @property
    def ms_left(self) -> int | None:
        """Milliseconds until it closes, while it runs."""
        return _ms(self.drop.allotment.closes_at, self.now) if self.is_running else None

    @property
    def may_take(self) -> int:
        """How many more pieces this person may have."""
        return max(0, self.drop.allotment.per_person - self.owned)

    @property
    def price(self) -> Money:
        """The price of the pieces."""
        return self.drop.offer.price

    @property
    def taken(self) -> Money:
        """The money of the pieces sold so far."""
        return self.price * self.counts.sold

    @property
    def variant(self) -> Variant:
        return self.drop.allotment.variant

    @property
    def product(self) -> Product:
        return self.variant.product


def _ms(instant: datetime | None, now: datetime) -> int | None:
    return None if instant is None else max(0, int((instant - now).total_seconds() * 1000))
