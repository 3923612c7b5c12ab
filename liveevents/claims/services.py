"""Claims: one call into stock, which alone decides."""

from dataclasses import dataclass
from uuid import UUID

from liveevents.drops.models import Drop
from liveevents.drops.queries import public_drops
from shop.accounts.models import Shopper
from shop.core.money import Money, total_of
from shop.stock import services as stock
from shop.stock.claiming import claim_pieces
from shop.stock.errors import UnknownSale


@dataclass(frozen=True)
class Claimed:
    """What a claim holds: numbered pieces, the price of each in the same order, and the milliseconds left to pay."""

    drop_id: int
    hold_id: int
    numbers: tuple[int, ...]
    prices: tuple[Money, ...]
    held_ms: int

    @property
    def total(self) -> Money:
        """What the pieces cost together."""
        return total_of(self.prices, currency=self.prices[0].currency)


def claim(*, drop_id: int, shopper_id: UUID, key: UUID, quantity: int) -> Claimed:
    """Take so many pieces of a drop for a shopper; the same key and quantity get the same answer.

    Raises UnknownSale, BadQuantity, NotYet(ms_left), Over, LimitReached, SoldOut, KeyReused, HoldOver(ending).
    """
    allotment_id = _allotment_of(drop_id)
    held = claim_pieces(allotment_id=allotment_id, shopper_id=shopper_id, key=key, quantity=quantity)
    currency = Drop.objects.values_list("allotment__currency", flat=True).get(pk=drop_id)
    return Claimed(
        drop_id=drop_id,
        hold_id=held.hold_id,
        numbers=held.numbers,
        prices=tuple(Money(minor, currency) for minor in held.prices_minor),
        held_ms=held.ms_left,
    )


def join_line(*, drop_id: int, shopper_id: UUID, quantity: int, takes_fewer: bool) -> int:
    """Wait for pieces of a sold-out drop; the place in the line, 1 for the next, 0 when already served.

    Raises UnknownSale, BadQuantity, NotYet, Over, LimitReached, NothingToWaitFor.
    """
    return stock.join_line(
        allotment_id=_allotment_of(drop_id), shopper_id=shopper_id, quantity=quantity, takes_fewer=takes_fewer
    )


def leave_line(*, drop_id: int, shopper: Shopper) -> bool:
    """Stop waiting; False where the person was not. Raises UnknownSale."""
    return stock.leave_line(allotment_id=_allotment_of(drop_id), shopper=shopper)


def _allotment_of(drop_id: int) -> int:
    """Where the drop's pieces are. Raises UnknownSale, also for a draft's drops and a closed store's."""
    drop = public_drops().filter(pk=drop_id)
    allotment_id = drop.values_list("allotment_id", flat=True).first()
    if allotment_id is None:
        raise UnknownSale
    return allotment_id
