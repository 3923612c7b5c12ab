"""Claims: who may, then one call into stock, which alone decides."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from liveevents.claims.desk import Desk
from liveevents.claims.notices import Notices
from liveevents.claims.sales import Sales
from shop.accounts.models import Shopper
from shop.core.money import Money, total_of
from shop.stock import changing
from shop.stock import services as stock
from shop.stock.claiming import Ask, check_quantity, granted
from shop.stock.words import plain_word

SALES: Final = Sales()
NOTICES: Final = Notices()
DESK: Final = Desk(NOTICES)


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


def claim(
    *,
    drop_id: int,
    shopper_id: UUID,
    key: UUID,
    quantity: int,
    word: str = "",
    network: int | None = None,
) -> Claimed:
    """Take so many pieces of a drop for a shopper; the same key and quantity get the same answer.

    `word` is the code word as it was typed; `network` a digest of the network address. Raises BadQuantity, Busy, and
    what granted() raises.
    """
    check_quantity(quantity)
    sale = SALES.find(drop_id)
    held = granted(DESK.ask(sale.allotment_id, Ask(shopper_id, key, quantity, plain_word(word), network)))
    return Claimed(
        drop_id=drop_id,
        hold_id=held.hold_id,
        numbers=held.numbers,
        prices=tuple(Money(minor, sale.currency) for minor in held.prices_minor),
        held_ms=held.ms_left,
    )


def read_notice(*, drop_id: int, shopper_id: str) -> None:
    """Raises what hangs on the drop's door (NotYet, SoldOut, Over) for whoever says to be this shopper.

    For edges, before claim(), unless somebody asks again because no answer came. A no needs no proof: who lies about
    their id, or has none, hears what everybody hears. It costs next to nothing, and in a rush nearly everybody does.
    """
    sale = SALES.known(drop_id)
    notice = NOTICES.said(sale.allotment_id, shopper_id) if sale else None
    if notice is not None and not connection.in_atomic_block:
        granted(notice)


def join_line(*, drop_id: int, shopper_id: UUID, quantity: int, takes_fewer: bool, word: str = "") -> int:
    """Wait for pieces of a sold-out drop; the place in the line, 1 for the next, 0 when already served.

    Raises UnknownSale, BadQuantity, NotYet, Over, SignInFirst, FollowersOnly, WrongWord, SitsOut, LimitReached,
    NothingToWaitFor.
    """
    return stock.join_line(
        allotment_id=SALES.find(drop_id).allotment_id,
        shopper_id=shopper_id,
        quantity=quantity,
        takes_fewer=takes_fewer,
        word=plain_word(word),
    )


def take_fewer(*, drop_id: int, shopper: Shopper) -> bool:
    """Who waits for several together takes what there is after all; False where the person was not waiting.

    Raises UnknownSale.
    """
    return changing.take_fewer(allotment_id=SALES.find(drop_id).allotment_id, shopper=shopper)


def leave_line(*, drop_id: int, shopper: Shopper) -> bool:
    """Stop waiting; False where the person was not. Raises UnknownSale."""
    return stock.leave_line(allotment_id=SALES.find(drop_id).allotment_id, shopper=shopper)


def forget_all() -> None:
    """Forget what this process knows, and give the desk's connection back; for tests, whose databases come and go."""
    DESK.close()
    NOTICES.forget()
    SALES.forget()
