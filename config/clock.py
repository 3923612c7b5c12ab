"""The loop of tick: its threads work while it leads, until it is told to stop."""

import threading
import time

from config.chores import Chore, lanes
from config.leader import Leadership
from config.monitor import LEADING

LOOK_EVERY_S = 1.0
STUCK_AFTER_S = 60.0
LAST_WORDS_S = 0.1


class Clock:
    """One thread a lane of chores, and the calling thread to keep the lead."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._leading = threading.Event()
        self._came_round: dict[str, float] = {}

    def run(self) -> None:
        """Lead whenever nobody else does, until stop(). What is being done then is left as it is: rows remember it."""
        leadership = Leadership()
        threads = [
            threading.Thread(target=self._walk, args=(name, chores), name=name, daemon=True)
            for name, chores in lanes().items()
        ]
        for thread in threads:
            thread.start()
        while not self._stopping.is_set():
            self._follow(leads=leadership.look())
            self._stopping.wait(LOOK_EVERY_S)
        for thread in threads:
            thread.join(LAST_WORDS_S)
        leadership.leave()

    def stop(self, *_signal: object) -> None:
        """May be called from any thread, and from a signal."""
        self._stopping.set()

    def is_well(self) -> bool:
        """Every thread came round within the last minute."""
        return all(time.monotonic() - when < STUCK_AFTER_S for when in list(self._came_round.values()))

    def _follow(self, *, leads: bool) -> None:
        LEADING.set(leads)
        self._came_round["lead"] = time.monotonic()
        if leads:
            self._leading.set()
        else:
            self._leading.clear()

    def _walk(self, lane: str, chores: list[Chore]) -> None:
        """One thread: each chore when its time has come."""
        pause_s = min(chore.every_s for chore in chores) / 2
        while not self._stopping.wait(pause_s):
            self._came_round[lane] = time.monotonic()
            for chore in chores if self._leading.is_set() else ():
                chore.run_if_due()
