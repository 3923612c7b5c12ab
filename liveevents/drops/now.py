"""A drop at one instant: everything that may be said of it follows from its rows and the clock."""

from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from liveevents.drops.ladder import Rung
from liveevents.drops.models import Drop
from shop.catalog.models import Product, Variant
from shop.core.money import Money, total_of
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
    """A drop at the instant `now`; one person has `owned` pieces of it, and this `place` in the line.

    `ladder`: its prices in the order of handing out; a single one where all pieces cost the same.
    `asked`: for how many pieces they wait there, or for fewer where `takes_fewer`. `next_end`: when the next held piece
    runs out. `has_turn`, `missed_turn`: their last turn in the line is now, or ran out. `waited_in_vain`: they were in
    it when the drop ended.
    """

    drop: Drop
    now: datetime
    ladder: tuple[Rung, ...]
    owned: int
    place: int | None
    asked: int | None
    takes_fewer: bool
    next_end: datetime | None
    has_turn: bool
    missed_turn: bool
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
    def ms_to_next_end(self) -> int | None:
        """Milliseconds until the next held piece runs out; None where none is held, or a bank has them all."""
        return _ms(self.next_end, self.now)

    @property
    def may_take(self) -> int:
        """How many more pieces this person may have."""
        return max(0, self.drop.allotment.per_person - self.owned)

    @property
    def pieces(self) -> int:
        """How many it was made of."""
        return sum(rung.pieces for rung in self.ladder)

    @cached_property
    def counts(self) -> Counts:
        """How many pieces are in each state, over all prices."""
        tallies = [astuple(rung.counts) for rung in self.ladder]
        return Counts(*(sum(kind) for kind in zip(*tallies, strict=True)))

    @property
    def free_rungs(self) -> list[Rung]:
        """The prices at which pieces are free; the next to be handed out first."""
        return sorted(
            (rung for rung in self.ladder if rung.next_place is not None), key=lambda rung: rung.next_place or 0
        )

    @property
    def price(self) -> Money:
        """What the next free piece costs; the drop's own price where none is free."""
        free = self.free_rungs
        return free[0].price if free else self.drop.offer.price

    @property
    def lowest_price(self) -> Money:
        """What its cheapest pieces cost or cost then."""
        return min(rung.price for rung in self.ladder)

    @property
    def left_at_price(self) -> int:
        """How many free pieces cost what the next one costs."""
        free = self.free_rungs
        return free[0].counts.free if free else 0

    @property
    def next_price(self) -> Money | None:
        """What the free pieces after those cost; None where there are none."""
        free = self.free_rungs
        return free[1].price if len(free) > 1 else None

    @property
    def taken(self) -> Money:
        """The money of the pieces sold so far."""
        return total_of((rung.price * rung.counts.sold for rung in self.ladder), currency=self.drop.offer.currency)

    @property
    def variant(self) -> Variant:
        return self.drop.allotment.variant

    @property
    def product(self) -> Product:
        return self.variant.product


def _ms(instant: datetime | None, now: datetime) -> int | None:
    return None if instant is None else max(0, int((instant - now).total_seconds() * 1000))
