"""Price ladders: the first pieces of a drop cost less. Prices only rise, so that nobody is punished for being early."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from liveevents.drops.errors import MOST_STEPS, BadLadder, BadPrice, FallingLadder
from shop.core.money import Money
from shop.pricing.least import least_price
from shop.stock.queries import Counts


@dataclass(frozen=True)
class Step:
    """So many pieces, the next in the order of handing out, at this price each."""

    pieces: int
    price: Money


@dataclass(frozen=True)
class Rung:
    """All pieces of a drop at one price, as they are now: how many in each state.

    `next_place` is when the first free one is handed out, 1 before all others; None where none is free.
    """

    price: Money
    counts: Counts
    pieces: int
    next_place: int | None


def percent_off(price: Money, percent: int) -> Money:
    """A price with so many percent (0 to 100) taken off; part of a minor unit is taken off too."""
    return price.split([100 - percent, percent])[0]


def check_price(price: Money, *, currency: str, **where: object) -> None:
    """Raises BadPrice(least) for another currency, or for less than a card can be charged."""
    least = least_price(currency)
    if price.currency != currency or price < least:
        raise BadPrice(least=least.format(), **where)


def prices_by_place(*, ladder: Sequence[Step], price: Money, pieces: int) -> list[int]:
    """What each piece costs in minor units, the first to be handed out first; after the steps, the drop's own price.

    Raises BadLadder, FallingLadder, BadPrice(least), each with `field` and the `step` (0 for the first).
    """
    _check(ladder, price, pieces)
    stepped = [step.price.amount_minor for step in ladder for _ in range(step.pieces)]
    return stepped + [price.amount_minor] * (pieces - len(stepped))


def _check(ladder: Sequence[Step], price: Money, pieces: int) -> None:
    if len(ladder) > MOST_STEPS:
        raise BadLadder(field="ladder", step=MOST_STEPS)
    left = pieces
    for number, step in enumerate(ladder):
        left -= step.pieces
        if step.pieces < 1 or left < 0:
            raise BadLadder(field="ladder", step=number)
        check_price(step.price, currency=price.currency, field="ladder", step=number)
    for number, (lower, upper) in enumerate(pairwise([*(step.price for step in ladder), price])):
        if upper < lower:
            raise FallingLadder(field="ladder", step=min(number + 1, len(ladder) - 1))
