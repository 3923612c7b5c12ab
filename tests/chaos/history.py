"""What the clients saw, as JSON lines: each ask when it is made, and what came of it. Written as it happens."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["ok", "refused", "unknown"]


class History:
    """Appends lines to a file; from any thread. A killed writer loses nothing that it told."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def tell(self, what: str, **details: Any) -> float:
        """Write what happened now; the instant, in seconds since 1970."""
        at = time.time()
        line = json.dumps({"at": at, "what": what, **details})
        with self._lock:
            self._file.write(line + "\n")
        return at


@dataclass(frozen=True)
class Asked:
    """One request for pieces: what was asked under which key, between which instants, and what was heard."""

    shopper: str
    key: str
    drop: int
    quantity: int
    asked_at: float
    heard_at: float = float("inf")
    outcome: Outcome = "unknown"
    code: str = ""
    hold: int = 0
    numbers: tuple[int, ...] = ()
    held_ms: int = 0


@dataclass(frozen=True)
class Deed:
    """Something else that a client did or saw: let_go (of a hold), saw_paid (an order, by its number)."""

    what: str
    shopper: str
    at: float
    hold: int = 0
    order: str = ""


@dataclass(frozen=True)
class Seen:
    """The whole history."""

    asked: tuple[Asked, ...] = ()
    deeds: tuple[Deed, ...] = ()


def read_history(path: Path) -> Seen:
    """What a file tells. An ask that nothing was told of any more is unknown."""
    asked: dict[str, Asked] = {}
    deeds = []
    for line in _lines(path):
        if line["what"] == "ask":
            asked[line["ask"]] = Asked(
                shopper=line["shopper"],
                key=line["key"],
                drop=line["drop"],
                quantity=line["quantity"],
                asked_at=line["at"],
            )
        elif line["what"] in ("ok", "refused", "unknown"):
            asked[line["ask"]] = _heard(asked[line["ask"]], line)
        elif line["what"] in ("let_go", "saw_paid"):
            deeds.append(
                Deed(line["what"], line["shopper"], line["at"], hold=line.get("hold", 0), order=line.get("order", ""))
            )
    return Seen(asked=tuple(asked.values()), deeds=tuple(deeds))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _heard(ask: Asked, line: dict[str, Any]) -> Asked:
    return Asked(
        shopper=ask.shopper,
        key=ask.key,
        drop=ask.drop,
        quantity=ask.quantity,
        asked_at=ask.asked_at,
        heard_at=line["at"],
        outcome=line["what"],
        code=line.get("code", ""),
        hold=line.get("hold", 0),
        numbers=tuple(line.get("numbers", ())),
        held_ms=line.get("held_ms", 0),
    )
