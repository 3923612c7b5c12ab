"""Threads on real connections, started together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from shop.core.errors import Refusal

T = TypeVar("T")
Race = Callable[..., list[object]]


@pytest.fixture
def race(transactional_db: None) -> Race:
    """Run functions at the same time, each on its own connection; what each returned, or the Refusal it raised."""

    def run(*runners: Callable[[], object]) -> list[object]:
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
            return list(threads.map(one, runners))

    return run
