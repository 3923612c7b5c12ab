"""How often somebody may claim, or join a line. Counted in this process, without asking anybody; what others counted
follows behind.
"""

from math import ceil
from typing import Final
from uuid import UUID

from shop.core.limits import TooOften
from shop.core.pace import Pace

A_SHOPPER: Final = Pace(name="claims/shopper", per_s=2, burst=4)
A_WAITER: Final = Pace(name="line/shopper", per_s=1, burst=6)
# A mobile carrier puts thousands of honest people behind one address, and a drop brings them all at once.
A_NETWORK: Final = Pace(name="claims/network", per_s=500, burst=5_000)


def count_claim(*, shopper_id: UUID, key: UUID, network: int | None) -> None:
    """One more claim; the same key again is the same claim. Raises TooOften(wait_s).

    `network` is a digest of the address it came from, None for one of our own machines.
    """
    _refuse_or_count(A_SHOPPER.take_once(shopper_id, key), network)


def count_joining(*, shopper_id: UUID, network: int | None) -> None:
    """One more try to join a line, which knows the code word and locks the sale as a claim does.

    Raises TooOften(wait_s).
    """
    _refuse_or_count(A_WAITER.take(shopper_id), network)


def _refuse_or_count(wait_s: float, network: int | None) -> None:
    if not wait_s and network is not None:
        wait_s = A_NETWORK.take(network)
    if wait_s:
        raise TooOften(wait_s=ceil(wait_s))
