"""Why nobody in the line of a drop is being served right now; it follows from the pieces, the holds and the clock."""

from dataclasses import dataclass
from enum import StrEnum

from liveevents.drops.now import DropNow


class Reason(StrEnum):
    """What a turn in the line waits for, in the order in which it is told."""

    LIMIT = "limit"
    TOO_FEW = "too_few"
    HELD = "held"
    PAYING = "paying"
    SOLD = "sold"


@dataclass(frozen=True)
class Why:
    """The reason with its numbers: pieces in each state, how many this person waits for together, and how many more
    they may have. `ms_left`: until the next held piece runs out; None where none is held.
    """

    reason: Reason
    free: int
    held: int
    paying: int
    asked: int | None
    may_take: int
    ms_left: int | None


def why_waiting(drop: DropNow) -> Why | None:
    """Why a running drop serves nobody, to somebody in its line or about to join; None where they can just claim."""
    if not drop.is_running or (drop.place is None and drop.counts.free):
        return None
    return Why(
        reason=_reason(drop),
        free=drop.counts.free,
        held=drop.counts.held,
        paying=drop.counts.paying,
        asked=drop.asked,
        may_take=drop.may_take,
        ms_left=drop.ms_to_next_end,
    )


def _reason(drop: DropNow) -> Reason:
    """Held against `place_free_pieces()`, which serves the first in the line whom the free pieces fit."""
    least = 1 if drop.takes_fewer else (drop.asked or 1)
    if drop.place is not None and drop.may_take < least:
        return Reason.LIMIT
    if drop.counts.free:
        return Reason.TOO_FEW
    if drop.counts.held:
        return Reason.HELD
    return Reason.PAYING if drop.counts.paying else Reason.SOLD
