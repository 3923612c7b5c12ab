"""The cast and the clock. Every test starts with an empty house on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from shop.accounts.models import Shopper, User
from tests import make

pytest_plugins = ("tests.local.browser_plugin", "tests.local.stack_plugin")

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _pictures_in_a_folder_of_their_own(settings: Any, tmp_path: Path) -> None:
    """Pictures of a test vanish with it; private files lie in the folder of the test process."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """A process that claims remembers a little, and keeps a connection: not from one test to the next."""
    yield
    if apps.is_installed("liveevents"):
        from liveevents.claims.services import forget_all

        forget_all()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit empty every table afterwards, also the one that refuses it in earnest."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("alter table if exists liveevents_dropentry disable trigger record_never_emptied")


@pytest.fixture
def noon(db: None) -> Iterator[datetime]:
    """The database's clock stands at NOON for this connection; `set_clock` moves it."""
    set_clock(NOON)
    yield NOON
    set_clock(None)


def set_clock(instant: datetime | None) -> None:
    """Let stagedoor_now() answer this instant on this connection; None lets the clock run again."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('stagedoor.now', %s, false)", [instant.isoformat() if instant else ""])


@pytest.fixture
def vera(db: None) -> Shopper:
    """A viewer, without an account."""
    return make.shopper()


@pytest.fixture
def victor(db: None) -> Shopper:
    """Another viewer."""
    return make.shopper()


@pytest.fixture
def cora(db: None) -> User:
    """A creator; `make.store(owner=cora)` makes her shop front."""
    return make.user("cora@stagedoor.example", name="Cora")


@pytest.fixture
def fred(db: None) -> User:
    """Fulfilment staff."""
    return make.user("fred@stagedoor.example", name="Fred")
