"""Tests marked `stack` share one whole house, started as `./run demo` starts it; they run in one worker, one by one."""

from collections.abc import Iterator

import pytest

from config.local.stack import Stack, stack

PAYMENT_QUIET_S = 3


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every process, with a seeded database of its own; `house.base_url` answers."""
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv("LOG_FORMAT", "json")  # the suite's own is for people
        with stack(tmp_path_factory.mktemp("house"), payment_quiet_s=PAYMENT_QUIET_S, durable=False) as standing:
            yield standing


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("stack") is not None:
            item.add_marker(pytest.mark.xdist_group("stack"))
