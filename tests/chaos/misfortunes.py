"""What a run does to the house: each process killed without a word, and Stripe's sandbox in a bad mood."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

import psycopg

from config.local.services import end_left_behind
from config.local.stack import Stack
from config.local.world import World
from tests.chaos.plan import Act

TERMINATIONS, TERMINATE_EVERY_S = 10, 0.3
TERMINATE: Final = """
    select count(pg_terminate_backend(pid)) from pg_stat_activity
    where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()"""
A_BACKEND: Final = """
    select pid from pg_stat_activity
    where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()
    order by state = 'active' desc, query_start desc limit 1"""


@dataclass(frozen=True)
class Misfortunes:
    """The hand that does it. Must be used from the main thread, where the supervisor lives."""

    stack: Stack
    world: World

    def strike(self, act: Act) -> str:
        """Let the act's death happen and everything stand again; what happened, in words. Raises Trouble."""
        special: dict[str, Callable[[], str]] = {
            "one web worker": self._kill_web_worker,
            "a backend of postgres": self._kill_backend,
            "every connection, ten times": self._terminate_connections,
        }
        if act.death in special:
            return special[act.death]()
        names = act.death.split(" and ")
        began = time.monotonic()
        for name in names:
            self._kill(name)
        time.sleep(act.lasts_s)
        for name in names:
            self.stack.supervisor.restart(name)
        return f"kill -9 {act.death}: stands again after {time.monotonic() - began:.1f} s"

    def set_mood(self, act: Act) -> None:
        """Order Stripe's faults of this act, in place of those before."""
        self.soothe()
        for fault in act.faults:
            self.world.fault(**fault)

    def soothe(self) -> None:
        """Stripe is well again."""
        address = f"{self.world.sandbox_url}/_sandbox/faults"
        headers = {"Authorization": f"Bearer {self.world.secret_key}"}
        with urlopen(Request(address, headers=headers, method="DELETE"), timeout=10):  # noqa: S310 - our own sandbox
            pass

    def _kill(self, name: str) -> None:
        """kill -9 for a process and all that came of it."""
        process = self.stack.supervisor.child(name).process
        for pid in [process.pid, *_children_of(process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        if name == "postgres":
            # Its pid file says that it is ready; the next one would be believed before it is.
            end_left_behind(self.stack.house.place.postgres)

    def _kill_web_worker(self) -> str:
        web = self.stack.supervisor.child("web").process.pid
        workers = _children_of(web)
        victim = min(workers)
        os.kill(victim, signal.SIGKILL)
        return f"kill -9 one of {len(workers)} web workers: its server starts another"

    def _kill_backend(self) -> str:
        """PostgreSQL then ends all of its backends and recovers from its log."""
        with psycopg.connect(self.stack.house.database_url, autocommit=True) as database:
            (victim,) = database.execute(A_BACKEND).fetchall()[0]
            os.kill(victim, signal.SIGKILL)
        return "kill -9 a backend of postgres: it recovers by itself"

    def _terminate_connections(self) -> str:
        ended = 0
        for _ in range(TERMINATIONS):
            with (
                suppress(psycopg.OperationalError),
                psycopg.connect(self.stack.house.database_url, autocommit=True) as database,
            ):
                ended += database.execute(TERMINATE).fetchall()[0][0]
            time.sleep(TERMINATE_EVERY_S)
        return f"pg_terminate_backend for every connection, {TERMINATIONS} times: {ended} ended"


def _children_of(pid: int) -> list[int]:
    return [child for child, parent in _processes() if parent == pid]


def _processes() -> Iterator[tuple[int, int]]:
    """Every process and its parent. A small Linux has no `ps`."""
    if sys.platform != "linux":
        said = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        yield from ((int(child), int(parent)) for child, parent in map(str.split, said.splitlines()))
        return
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            yield int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
