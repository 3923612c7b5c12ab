"""The shop that `./run backup` and `./run restore` mean: the one that the environment names, or the demo's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from config.local.archive import Files
from config.local.database import Database
from config.local.house import House, Ports
from config.local.outside import Outside
from config.local.place import ROOT, Place
from config.local.say import Progress
from config.local.stack import services

STATE = ROOT / ".local"
NOWHERE = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Shop:
    """Where a shop keeps what it cannot make again, and what Django must be told to look at it."""

    database: Database
    files: Files
    environment: dict[str, str]


@contextmanager
def stopped_shop(progress: Progress) -> Iterator[Shop]:
    """The shop with its database up, and nobody of this folder using it. Raises Trouble while the demo runs."""
    place, outside = Place(STATE), Outside.from_environment()
    if outside.database_url:
        yield _shop(place, outside, outside.database_url)
        return
    place.take()
    with services(place, progress=progress, outside=Outside(redis_url=NOWHERE)) as (database_url, _, _):
        yield _shop(place, outside, database_url)


@contextmanager
def shop_as_it_is(progress: Progress) -> Iterator[Shop]:
    """The shop, running or not; its database is started for the length of the block if need be. Raises Trouble."""
    place, outside = Place(STATE), Outside.from_environment()
    running = place.running()
    if running and not outside.database_url:
        yield _shop(place, outside, running.database_url)
    else:
        with stopped_shop(progress) as shop:
            yield shop


def _shop(place: Place, outside: Outside, database_url: str) -> Shop:
    house = House(place, Ports.unused(), database_url, NOWHERE, outside)
    house.make_folders()
    environment = house.environment() | dict(os.environ) | {"DATABASE_URL": database_url}
    return Shop(
        database=Database(database_url),
        files=Files(private=house.private_root, media=house.media_root),
        environment=environment,
    )
