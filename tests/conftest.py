"""The cast and the clock. Every test starts with an empty house on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from shop.accounts.models import Shopper, User
from tests import make

pytest_plugins = ("tests.local.browser_plugin", "tests.local.stack_plugin")

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _files_in_a_folder_of_their_own(settings: object, tmp_path: Path) -> None:
    """Pictures and private files of a test vanish with it."""
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    settings.PRIVATE_ROOT = tmp_path / "private"  # type: ignore[attr-defined]
    storages = settings.STORAGES  # type: ignore[attr-defined]
    private = {**storages["private"], "OPTIONS": {"location": settings.PRIVATE_ROOT, "base_url": None}}  # type: ignore[attr-defined]
    settings.STORAGES = {**storages, "private": private}  # type: ignore[attr-defined]


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
