"""Threads on real connections, started together; what must be true is true afterwards."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from config.invariants import INVARIANTS, broken_invariants
from shop.core.errors import Refusal
from tests.races.gates import Gate

T = TypeVar("T")
Race = Callable[..., list[object]]


@pytest.fixture(autouse=True)
def _everything_still_holds(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    """After each race, but for those that show how a naive form loses; made_up() names what a test's rows leave out."""
    yield
    made_up = {name for mark in request.node.iter_markers("made_up") for name in mark.args}
    if not request.node.get_closest_marker("naive"):
        assert broken_invariants({name: sql for name, sql in INVARIANTS.items() if name not in made_up}) == {}


@pytest.fixture
def race(transactional_db: None) -> Race:
    """Run functions at the same time, each on its own connection; what each returned, or the Refusal it raised.

    `meanwhile` is done here while they run.
    """

    def run(*runners: Callable[[], object], meanwhile: Callable[[], None] | None = None) -> list[object]:
        start = Barrier(len(runners))

        def one(runner: Callable[[], object]) -> object:
            try:
                start.wait(timeout=10)
                return runner()
            except Refusal as refusal:
                return refusal
            finally:
                connection.close()

        with ThreadPoolExecutor(len(runners)) as threads:
            running = [threads.submit(one, runner) for runner in runners]
            if meanwhile:
                meanwhile()
            return [runner.result() for runner in running]

    return run


@pytest.fixture
def gate(transactional_db: None) -> Iterator[Gate]:
    """A closed gate; open at the end, whatever happened."""
    made = Gate()
    made.close()
    yield made
    made.open()
