"""What rows owe somebody: handed to a worker first, done here when no worker took it in time.

An errand stays owed by its row until it is done, so a lost message or a killed worker loses nothing. Doing one twice
is harmless: each looks at its row, under a lock, before it does anything.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from django.db import close_old_connections

from config.broker import Broker
from shop.core.trace import following

GRACE_S = 5.0
LONGEST_WAIT_S = 60.0

log = structlog.get_logger(__name__)


class Crew:
    """A few threads of tick's own, so that a slow conversation holds up nobody. Each job at most once at a time."""

    def __init__(self, *, name: str, size: int) -> None:
        self._jobs: queue.SimpleQueue[tuple[str, int | str, Callable[[], object]]] = queue.SimpleQueue()
        self._taken: set[tuple[str, int | str]] = set()
        for number in range(size):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def take(self, kind: str, subject: int | str, job: Callable[[], object]) -> None:
        """Do a job soon, unless the same one is waiting or running."""
        if (kind, subject) not in self._taken:
            self._taken.add((kind, subject))
            self._jobs.put((kind, subject, job))

    def _work(self) -> None:
        while True:
            kind, subject, job = self._jobs.get()
            close_old_connections()
            try:
                job()
            except Exception:  # one bad row must not stop the others: told here, kept by the row
                log.exception("errand_failed", errand=kind, subject=str(subject))
            finally:
                close_old_connections()
                self._taken.discard((kind, subject))


@dataclass
class Owing:
    """A row that owes: since when we know, how often we tried it here, and from when we may again."""

    since: float
    tries: int = 0
    not_before: float = 0.0


@dataclass
class Errand:
    """A kind of work: `owed` finds the rows (each with its request's id), the Celery task does one, or `run` here."""

    task: str
    owed: Callable[[], Mapping[Any, str]]
    run: Callable[[int | str], object]
    crew: Crew
    seen: dict[int | str, Owing] = field(default_factory=dict)

    def hand_out(self, broker: Broker) -> int:
        """Ask a worker for each row that owes, once; do it here when the broker is away or nobody came in time.

        What still owes after it was done here, because it failed, waits longer each time. How many rows owe.
        """
        now = time.monotonic()
        owing = self.owed()
        known, self.seen = self.seen, {}
        for subject, request_id in owing.items():
            row = self.seen[subject] = known.get(subject) or Owing(since=now)
            with following(request_id):
                was_sent = subject in known or broker.send(self.task, subject)
            if now >= row.not_before and (not was_sent or now - row.since > GRACE_S):
                row.tries += 1
                row.not_before = now + min(2.0**row.tries, LONGEST_WAIT_S)
                self.crew.take(self.task, subject, partial(self._do, subject, request_id))
        return len(owing)

    def _do(self, subject: int | str, request_id: str) -> None:
        with following(request_id):
            self.run(subject)
