"""What the clients saw: a diary in a file, read back as asks for pieces and the few other deeds that prove a thing."""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.local.diary import Deed, Diary, Entry, Outcome


class DiaryOnDisk(Diary):
    """Each ask is a line of JSON when it is made, and another one when it is over; both at once on the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._file = path.open("a", buffering=1, encoding="utf-8")

    def begin(self, who: str, deed: Deed, *, about: str = "", key: str = "", quantity: int = 0) -> Entry:
        entry = super().begin(who, deed, about=about, key=key, quantity=quantity)
        self._write("asks", entry)
        return entry

    def end(self, entry: Entry) -> None:
        super().end(entry)
        self._write("hears", entry)

    def _write(self, what: str, entry: Entry) -> None:
        line = json.dumps({"what": what, **asdict(entry)}) + "\n"
        with self._lock:
            self._file.write(line)


@dataclass(frozen=True)
class Asked:
    """One request for pieces: what was asked under which key, between which instants, and what was heard."""

    shopper: str
    key: str
    drop: int
    quantity: int
    asked_at: float
    heard_at: float = float("inf")
    outcome: Outcome = Outcome.UNKNOWN
    code: str = ""
    hold: int = 0
    numbers: tuple[int, ...] = ()
    held_ms: int = 0


@dataclass(frozen=True)
class GaveBack:
    """A shopper pressed the button that lets a hold go; whether or not it was heard."""

    shopper: str
    hold: int
    at: float


@dataclass(frozen=True)
class SawPaid:
    """A shopper was told that an order is paid."""

    shopper: str
    order: str
    at: float


@dataclass(frozen=True)
class Seen:
    """The whole history."""

    asked: tuple[Asked, ...] = ()
    gave_back: tuple[GaveBack, ...] = ()
    saw_paid: tuple[SawPaid, ...] = ()


def read_history(path: Path) -> Seen:
    """What a diary's file tells. An ask whose end was never written is unknown."""
    last: dict[int, dict[str, Any]] = {}
    with path.open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            last[line["number"]] = line
    entries = list(last.values())
    return Seen(
        asked=tuple(_asked(entry) for entry in entries if entry["deed"] == Deed.CLAIM),
        gave_back=tuple(
            GaveBack(entry["who"], int(entry["about"]), entry["at"])
            for entry in entries
            if entry["deed"] == Deed.LET_GO
        ),
        saw_paid=tuple(
            SawPaid(entry["who"], entry["about"], entry["at"] + entry["took_s"])
            for entry in entries
            if entry["deed"] == Deed.PAY and entry["outcome"] == Outcome.OK
        ),
    )


def _asked(entry: dict[str, Any]) -> Asked:
    said, was_heard = entry["said"], entry["what"] == "hears"
    return Asked(
        shopper=entry["who"],
        key=entry["key"],
        drop=int(entry["about"]),
        quantity=entry["quantity"],
        asked_at=entry["at"],
        heard_at=entry["at"] + entry["took_s"] if was_heard else float("inf"),
        outcome=Outcome(entry["outcome"]) if was_heard else Outcome.UNKNOWN,
        code=entry["code"],
        hold=said.get("hold", 0),
        numbers=tuple(said.get("numbers", ())),
        held_ms=said.get("held_ms", 0),
    )
