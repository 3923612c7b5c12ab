"""Looks at the house while everything dies: once a second, whether what must always be true is true."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from config.invariants import ALWAYS

LOOK_EVERY_S: Final = 1.0


@dataclass
class Watch:
    """A thread that asks the database; a database that is down is no answer, and no fault.

    `broken` is what was not true, each with the time when that was seen first.
    """

    database_url: str
    looks: int = 0
    in_vain: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _database: psycopg.Connection[Any] | None = None

    def __enter__(self) -> "Watch":
        threading.Thread(target=self._go_on, name="watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def _go_on(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self._look()
                self.looks += 1
            except psycopg.OperationalError:
                self._database, self.in_vain = None, self.in_vain + 1

    def _look(self) -> None:
        if self._database is None:
            self._database = psycopg.connect(self.database_url, autocommit=True, connect_timeout=2)
        for name, sql in ALWAYS.items():
            if rows := self._database.execute(sql.encode()).fetchmany(5):
                self.broken.setdefault(f"{name}: {rows}", time.strftime("%H:%M:%S"))
