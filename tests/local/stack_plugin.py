"""Tests marked `stack` share one whole house, started as `./run demo` starts it; they run in one worker, one by one."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.local.stack import Stack, stack

PAYMENT_QUIET_S = 3
MARK = "pytest.mark.stack"


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every process, with a seeded database of its own; `house.base_url` answers."""
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv("LOG_FORMAT", "json")  # the suite's own is for people
        with stack(tmp_path_factory.mktemp("house"), payment_quiet_s=PAYMENT_QUIET_S, durable=False) as standing:
            yield standing


class OneHouse(LoadScopeScheduling):  # type: ignore[misc]
    """The files that need a house go to one worker together, every other test to whoever is free.

    As groups of xdist would do it, but pytest 9.2 no longer reads what xdist 3.8 writes about them.
    """

    def _split_scope(self, nodeid: str) -> str:
        """What is done by the same worker."""
        path = self.config.rootpath / nodeid.partition("::")[0]
        return "stack" if _needs_a_house(path) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    return OneHouse(config, log) if config.getvalue("dist") == "loadgroup" else None


@cache
def _needs_a_house(path: Path) -> bool:
    return MARK in path.read_text()
