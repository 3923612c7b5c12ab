"""What the processes of a rehearsal take of this machine. Told on Linux only: elsewhere there is no /proc."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
IDLE: Final = (3, 4)  # places in the kernel's line
TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One line of the process table: its parent, and the processor time of it and of its ended children."""

    parent: int
    cpu_s: float


def cpu_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds so far of each named process and everything below it; empty where nobody can tell."""
    table = _table()
    if not table:
        return {}
    return {name: sum(table[pid].cpu_s for pid in _below(root, table)) for name, root in roots.items()}


def busy_share(before: Sequence[int], after: Sequence[int]) -> float | None:
    """How busy all cores were between two looks at busy_ticks(), 0 to 1; None where nobody can tell."""
    if not before or not after or sum(after) == sum(before):
        return None
    passed = [later - sooner for sooner, later in zip(before, after, strict=True)]
    return 1 - sum(passed[place] for place in IDLE) / sum(passed)


def busy_ticks() -> list[int]:
    """What the kernel counted so far for all cores together: user, nice, system, idle, waiting, …; empty elsewhere."""
    try:
        return [int(word) for word in (PROC / "stat").read_text().partition("\n")[0].split()[1:9]]
    except FileNotFoundError:
        return []


def _below(root: int, table: Mapping[int, Process]) -> Iterable[int]:
    """A process and all that came of it."""
    children: dict[int, list[int]] = {}
    for pid, process in table.items():
        children.setdefault(process.parent, []).append(pid)
    waiting = [root] if root in table else []
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children.get(pid, [])


def _table() -> dict[int, Process]:
    found = {}
    for path in PROC.glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            # The name, in brackets, may hold anything; what follows it does not.
            words = path.read_text(errors="replace").rpartition(")")[2].split()
            found[int(path.parent.name)] = Process(int(words[1]), sum(map(int, words[11:15])) / TICKS_A_SECOND)
    return found
