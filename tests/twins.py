"""Twins of the database's functions with one rule missing, in place of the real ones for a while."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Twin:
    """A function by its name, and what stands in it in place of what; `what` says what is wrong with it."""

    what: str
    function: str
    instead_of: str
    stands: str

    def __str__(self) -> str:
        return self.what


@contextmanager
def replaced(*twins: Twin) -> Iterator[None]:
    """The functions are their twins until the end of the block."""
    truth = {name: _source(name) for name in {twin.function for twin in twins}}
    broken = dict(truth)
    for twin in twins:
        assert twin.instead_of in broken[twin.function], f"{twin.function}() does not say {twin.instead_of!r} any more"
        broken[twin.function] = broken[twin.function].replace(twin.instead_of, twin.stands)
    _create(broken.values())
    try:
        yield
    finally:
        _create(truth.values())


def _source(function: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_functiondef(oid) from pg_proc where proname = %s", [function])
        ((source,),) = cursor.fetchall()
    return str(source)


def _create(sources: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for source in sources:
            cursor.execute(source)
