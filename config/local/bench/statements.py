"""How many statements a process really sends: PostgreSQL writes each into its log for a while, and they are counted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection

PREFIX: Final = "[%a] "
OURS: Final = ("tick", "bench")
SENT: Final = ("LOG:  statement: ", "LOG:  execute ")
CLAIM: Final = "claim_pieces("
SETTLES_S: Final = 0.2


@dataclass
class Statements:
    """What the web processes sent: all of it, and how much of that called the claim function."""

    count: int = 0
    claim_calls: int = 0


@contextmanager
def counted(log: Path) -> Iterator[Statements]:
    """Count what is sent during the block; the figures are there when it ends. It slows everything down."""
    found = Statements()
    _set(log_line_prefix=PREFIX, log_statement="all")
    began = log.stat().st_size
    try:
        yield found
    finally:
        _reset("log_line_prefix", "log_statement")
    with log.open("rb") as written:
        written.seek(began)
        for line in written.read().decode(errors="replace").splitlines():
            _count(line, found)


def _count(line: str, found: Statements) -> None:
    sender, _, said = line.partition("] ")
    if line.startswith("[") and sender[1:] not in OURS and said.startswith(SENT):
        found.count += 1
        found.claim_calls += CLAIM in said


def _set(**settings: str) -> None:
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"alter system set {name} = '{value}'")
    _reload()


def _reset(*names: str) -> None:
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"alter system reset {name}")
    _reload()


def _reload() -> None:
    """Have every backend read its settings again, and leave it the time to."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_reload_conf()")
    time.sleep(SETTLES_S)
