"""Notices on the door of a sale: what may be said to who comes too early or too late without asking the database.

They only ever say no, and they are old after a moment. Who holds, or held, something of the sale walks past them:
their key may have won.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from shop.stock.claiming import Answer

# A freed piece has to be claimable, and a drop that opens by hand open, well within a second.
LASTS_S: Final = {"sold_out": 0.5, "over": 0.5, "not_yet": 0.25}
LETS_HOLDERS_PAST: Final = ("sold_out", "over")
MOST_SALES: Final = 100


@dataclass
class Notice:
    """One sale's no: the answer, from when it is old, and when the sale opens by this process's clock."""

    answer: Answer
    old_at: float
    opens_at: float | None


@dataclass
class Holders:
    """Everybody who ever held something of a sale, read up to this hold."""

    shoppers: set[str] = field(default_factory=set)
    last_hold: int = 0


NOBODY: Final = Holders()


class Notices:
    """What this process was told lately of each sale. Only the desk writes; any thread reads."""

    def __init__(self) -> None:
        self.clock = time.monotonic
        self._notices: dict[int, Notice] = {}
        self._holders: dict[int, Holders] = {}
        self._writing = threading.Lock()

    def said(self, sale_id: int, shopper_id: str) -> Answer | None:
        """What hangs on the door for this shopper, by their id's text; None where they have to ask."""
        notice = self._notices.get(sale_id)
        if notice is None:
            return None
        now = self.clock()
        if now >= notice.old_at:
            return None
        if notice.opens_at is not None:
            return replace(notice.answer, ms_left=max(1, round((notice.opens_at - now) * 1000)))
        holders = self._holders.get(sale_id, NOBODY)
        if notice.answer.verdict in LETS_HOLDERS_PAST and (holders is NOBODY or shopper_id in holders.shoppers):
            return None
        return notice.answer

    def heed(self, sale_id: int, answer: Answer, *, asked_at: float) -> None:
        """Hang up, or take down, what follows from an answer; `asked_at` is from before the database was asked."""
        lasts_s = LASTS_S.get(answer.verdict)
        if lasts_s is None:
            if answer.verdict == "held":
                self._notices.pop(sale_id, None)
            return
        with self._writing:
            early = answer.verdict == "not_yet" and answer.ms_left is not None
            opens_at = asked_at + (answer.ms_left or 0) / 1000 if early else None
            old_at = min(asked_at + lasts_s, opens_at) if opens_at is not None else asked_at + lasts_s
            self._make_room(sale_id)
            self._notices[sale_id] = Notice(answer, old_at, opens_at)

    def last_hold(self, sale_id: int) -> int:
        """The newest hold that is known here."""
        return self._holders.setdefault(sale_id, Holders()).last_hold

    def note_holders(self, sale_id: int, holds: Iterable[tuple[int, UUID]]) -> None:
        """Add shoppers by their holds, oldest hold first."""
        holders = self._holders.setdefault(sale_id, Holders())
        for hold_id, shopper_id in holds:
            holders.shoppers.add(str(shopper_id))
            holders.last_hold = hold_id

    def forget(self) -> None:
        """Take everything down."""
        with self._writing:
            self._notices.clear()
            self._holders.clear()

    def _make_room(self, sale_id: int) -> None:
        """Forget all other sales where they are too many. A door without known holders lets everybody ask."""
        if max(len(self._notices), len(self._holders)) > MOST_SALES:
            self._notices.clear()
            self._holders = {sale_id: self._holders.get(sale_id, Holders())}
