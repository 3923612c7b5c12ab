"""A rehearsal of the demo's show, as `./run rehearse` plays it; the house it is copied from goes on beside it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from config.local.place import ROOT
from config.local.rehearse.figures import Figures
from config.local.rehearse.playing import play
from config.local.rehearse.script import read_script, reading
from config.local.rehearse.theatre import PREFIX
from config.local.say import Progress
from config.local.stack import Stack
from config.local.world import wait_until

pytestmark = pytest.mark.stack

SHOW: Final = "saltware/kiln-opening-live"
VIEWERS: Final = 12
# What only shoppers write. The house's own show goes on meanwhile, and sets pieces aside.
OF_SHOPPERS: Final = ("shop_shopper", "shop_hold", "shop_waiter", "shop_order", "shop_attempt", "shop_posting")


@pytest.fixture
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the throw-away house is built; PostgreSQL's own user must be able to reach it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield tmp_path
    monkeypatch.setattr("tempfile.tempdir", None)


def rows_of_shoppers(house: Stack) -> dict[str, list[tuple[Any, ...]]]:
    with psycopg.connect(house.house.database_url) as there:
        asked = "select t.id::text from {} t order by 1"
        return {table: there.execute(asked.format(table).encode()).fetchall() for table in OF_SHOPPERS}


def rehearsed(house: Stack) -> Figures:
    with reading(house.house.database_url) as there:
        script = read_script(there, SHOW)
    seconds = max(10, 5 * len(script.drops))
    return play(script, viewers=VIEWERS, seconds=seconds, progress=Progress(), durable=False)


def test_a_show_is_played_to_the_end_and_the_real_house_never_notices(
    house: Stack, own_temporary_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STRIPE_SECRET_KEY", "EMAIL_URL", "REDIS_URL"):
        monkeypatch.setenv(name, "sk_live_of_the_real_world")
    wait_until(lambda: _drops(house), "the demo announces a drop")
    rows, mails = rows_of_shoppers(house), sorted(house.house.place.mail.iterdir())

    figures = rehearsed(house)

    assert figures.broken == []
    assert sum(drop.won for drop in figures.drops) > 0
    assert 0 < figures.orders_paid <= figures.orders
    assert figures.times["claim"].count >= sum(drop.people for drop in figures.drops) > 0
    assert figures.times["page"].count >= VIEWERS
    assert all(drop.sold <= drop.pieces for drop in figures.drops)
    assert rows_of_shoppers(house) == rows
    assert sorted(house.house.place.mail.iterdir()) == mails
    assert list(own_temporary_folder.glob(f"{PREFIX}*")) == []


def test_ctrl_c_in_the_middle_leaves_nothing_behind(house: Stack, own_temporary_folder: Path) -> None:
    wait_until(lambda: _drops(house), "the demo announces a drop")
    environment = dict(os.environ) | {"DATABASE_URL": house.house.database_url, "TMPDIR": str(own_temporary_folder)}
    started = subprocess.Popen(
        [sys.executable, "-m", "config.local.rehearse", SHOW, "--viewers=3", "--seconds=60"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: list(own_temporary_folder.glob(f"{PREFIX}*/postgres/postmaster.pid")), "a process is up")
    time.sleep(0.5)

    started.send_signal(signal.SIGINT)

    assert (started.wait(timeout=30), list(own_temporary_folder.glob(f"{PREFIX}*"))) == (130, [])
    assert _processes_in(own_temporary_folder) == []


def _drops(house: Stack) -> int:
    """How many the show has so far."""
    asked = "select count(*) from liveevents_drop d join liveevents_liveevent e on e.id = d.event_id where e.slug = %s"
    with psycopg.connect(house.house.database_url) as there:
        ((count,),) = there.execute(asked, [SHOW.partition("/")[2]]).fetchall()
    return int(count)


def _processes_in(folder: Path) -> list[str]:
    """The command lines of processes that know the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = path.read_bytes().decode(errors="replace")
            stands = str((path.parent / "cwd").readlink())
        except OSError:
            continue
        if str(folder) in said or str(folder) in stands:
            found.append(said)
    return found
