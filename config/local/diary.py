"""What people asked of the house and what they heard: written down before and after, for whoever checks it later."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, Final

NO_ANSWER: Final = 0
REFUSED_FROM: Final = 400
BROKEN: Final = 500


class Deed(StrEnum):
    """What was asked."""

    PAGE = "page"
    STATE = "state"
    CLAIM = "claim"
    LINE = "line"
    LET_GO = "let_go"
    CHECK_OUT = "check_out"
    PAY = "pay"


class Outcome(StrEnum):
    """How it ended, as the one who asked knows it. UNKNOWN: no answer came, it may have happened."""

    OPEN = "open"
    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Entry:
    """One ask. `at` is a time stamp (seconds), `status` 0 where nothing came back, `said` the answer's JSON."""

    number: int
    who: str
    deed: Deed
    about: str
    key: str = ""
    quantity: int = 0
    at: float = 0.0
    took_s: float = 0.0
    outcome: Outcome = Outcome.OPEN
    status: int = NO_ANSWER
    code: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)

    def heard(self, status: int, said: Mapping[str, Any]) -> None:
        """An answer came. 500 and above is none: nobody knows what happened behind it."""
        self.status, self.said, self.code = status, said, str(said.get("code", ""))
        if 0 < status < REFUSED_FROM:
            self.outcome = Outcome.OK
        else:
            self.outcome = Outcome.REFUSED if 0 < status < BROKEN else Outcome.UNKNOWN

    def lost(self, why: str) -> None:
        """No answer came."""
        self.outcome, self.code = Outcome.UNKNOWN, why


class Diary:
    """Every ask of everybody, by any number of threads. Who wants it elsewhere too extends begin() and end()."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._numbers = count(1)

    @contextmanager
    def asking(self, who: str, deed: Deed, *, about: str = "", key: str = "", quantity: int = 0) -> Iterator[Entry]:
        """Write down that it is asked; the block calls heard() or lost() once."""
        entry = self.begin(who, deed, about=about, key=key, quantity=quantity)
        try:
            yield entry
        finally:
            self.end(entry)

    def begin(self, who: str, deed: Deed, *, about: str = "", key: str = "", quantity: int = 0) -> Entry:
        """The same for who has no block to put it in; end() must follow."""
        entry = Entry(next(self._numbers), who, Deed(deed), about, key, quantity, at=time.time())
        self.entries.append(entry)
        return entry

    def end(self, entry: Entry) -> None:
        """It is over; one that heard nothing stays unknown."""
        entry.took_s = time.time() - entry.at
        if entry.outcome == Outcome.OPEN:
            entry.lost("no answer")

    def of(self, *deeds: Deed) -> list[Entry]:
        """The entries of these kinds, in the order of asking."""
        return [entry for entry in list(self.entries) if entry.deed in deeds]


class NoDiary(Diary):
    """For people whose asks nobody checks: keeps nothing."""

    def begin(self, who: str, deed: Deed, *, about: str = "", key: str = "", quantity: int = 0) -> Entry:
        return Entry(0, who, Deed(deed), about, key, quantity, at=time.time())

    def end(self, entry: Entry) -> None:
        entry.took_s = time.time() - entry.at


def heard_in(text: str) -> Mapping[str, Any]:
    """An answer's JSON object; empty where it is something else, as a gateway's page is."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
