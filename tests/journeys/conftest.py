"""The house from outside, its staff's browsers, and a look into its database."""

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from config.invariants import INVARIANTS
from config.local.journey.show import drop_in, live_show, plan
from config.local.stack import Stack
from config.local.visitor import Visitor
from config.local.world import World
from tests.journeys.buyer import Buyer

Ask = Callable[..., list[tuple[Any, ...]]]

LAST = "test_a_hold_that_nobody_pays_comes_back_and_each_letter_came_once"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for a hold to run out comes last: the other tests need not wait for it."""
    items.sort(key=lambda item: item.name == LAST)


@pytest.fixture(scope="session")
def world(house: Stack) -> World:
    """The house as people see it."""
    environment = house.house.environment()
    return World(house.base_url, environment["STRIPE_API_BASE"], environment["STRIPE_SECRET_KEY"])


@pytest.fixture(scope="session")
def studio(house: Stack) -> Visitor:
    """The creator's browser, signed in."""
    return _signed_in(house, "Cora")


@pytest.fixture(scope="session")
def desk(house: Stack) -> Visitor:
    """The browser of fulfilment staff, signed in."""
    return _signed_in(house, "Fred")


@pytest.fixture
def ask(house: Stack) -> Iterator[Ask]:
    """Asks the house's database; answers with rows."""
    with psycopg.connect(house.house.database_url, autocommit=True) as connection:

        def ask(sql: str, *values: object) -> list[tuple[Any, ...]]:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

        yield ask


@pytest.fixture(autouse=True)
def _everything_still_holds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test of the whole house did, nothing that must always be true is broken afterwards."""
    ask: Ask | None = request.getfixturevalue("ask") if request.node.get_closest_marker("stack") else None
    yield
    if ask:
        assert {name: rows for name, sql in INVARIANTS.items() if (rows := ask(sql))} == {}


@pytest.fixture
def buyer(world: World) -> Buyer:
    """Somebody new."""
    return Buyer(world, world.visitor())


@pytest.fixture
def open_drop(studio: Visitor) -> Callable[..., int]:
    """Opens a drop of so many pieces in the show that is live, or in the one of `page`; its id."""

    def open_drop(*, pieces: int = 2, page: str = "") -> int:
        show = studio.get(page) if page else live_show(studio)
        drop_id = drop_in(plan(studio, show, title="Stack drop", pieces=pieces).action)
        studio.send(studio.get(show.url).form(f"/drops/{drop_id}/open/"))
        return drop_id

    return open_drop


@pytest.fixture
def time_passes(ask: Ask) -> Callable[[int], None]:
    """Lets the clock of a hold run out, as if its shopper had waited."""

    def time_passes(hold_id: int) -> None:
        ask("update shop_hold set held_until = stagedoor_now() - interval '1 min' where id = %s", hold_id)

    return time_passes


def kill(house: Stack, name: str) -> None:
    """kill -9 for a process and its children; nobody starts it again before `supervisor.restart`."""
    process = house.supervisor.child(name).process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _signed_in(house: Stack, name: str) -> Visitor:
    browser = Visitor(house.base_url)
    browser.get(next(url for who, url in house.sign_in_links if who.startswith(name)))
    return browser
