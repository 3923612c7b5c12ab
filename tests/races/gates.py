"""Named points: a place in a function of the database where whoever comes waits until the test lets them on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from tests.twins import Twin

PATIENCE_S = 10


@dataclass
class Gate:
    """An advisory lock that the test keeps; who passes it shares it."""

    number: int = 0x57A6E

    @property
    def sql(self) -> str:
        """What stands in a PL/pgSQL function at the point."""
        return f"perform pg_advisory_xact_lock_shared({self.number});"

    def before(self, function: str, statement: str) -> Twin:
        """The function, with the gate before one of its statements."""
        return Twin(f"{function} with a gate", function, statement, f"{self.sql}\n{statement}")

    def close(self) -> None:
        """Nobody passes."""
        _number("select (pg_advisory_lock(%s) is null)::int", self.number)

    def open(self) -> None:
        """Everybody passes. Open already is fine."""
        _number("select (pg_advisory_unlock_all() is null)::int")

    def wait_for(self, *, stuck: int) -> None:
        """Until so many connections wait: for this gate, or for a lock that somebody at it keeps."""
        end = time.monotonic() + PATIENCE_S
        while _waiting() < stuck:
            assert time.monotonic() < end, f"{_waiting()} of {stuck} came to wait"
            time.sleep(0.005)

    def then(self, work: Callable[[], object]) -> object:
        """Do something once somebody is here."""
        self.wait_for(stuck=1)
        return work()

    def open_when(self, *, stuck: int) -> None:
        """Open once so many wait, and also when they never come."""
        try:
            self.wait_for(stuck=stuck)
        finally:
            self.open()


def _waiting() -> int:
    """How many connections to this database wait for a lock."""
    return _number(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )


def _number(sql: str, *arguments: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        ((number,),) = cursor.fetchall()
    return int(number)
