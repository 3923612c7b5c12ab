"""A throw-away house beside the real one: every process of it, in a temporary folder, with services of its own.

Nothing that the environment says of a real house reaches it: its processes are told only how to run a program.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Final

from config.local.house import House, Ports
from config.local.place import ROOT, Place
from config.local.ports import free_ports
from config.local.rehearse.stage import SCRIPT
from config.local.say import Progress, Trouble
from config.local.stack import Stack, services

PREFIX: Final = "stagedoor-rehearsal-"
ROOM_MB: Final = 500
ENOUGH_FILES: Final = 32_768
PASSED_ON: Final = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


@contextmanager
def theatre(script: dict[str, object], *, durable: bool = True, progress: Progress) -> Iterator[Stack]:
    """The copy of a show in a house where everything runs; of both nothing is left at the end. Raises Trouble.

    `script` is what `config.local.rehearse.setting` reads. Must be called from the main thread.
    """
    with nothing_of_the_real_house(), temporary_folder() as folder:
        place = Place(folder)
        place.take()
        (folder / SCRIPT).touch(mode=0o600)
        (folder / SCRIPT).write_text(json.dumps(script))
        with services(place, progress=progress, durable=durable) as (database_url, redis_url, supervisor):
            free = free_ports()
            house = House(place, Ports(*(next(free) for _ in fields(Ports))), database_url, redis_url)
            house.make_folders()
            with progress.step("the copy of the show"):
                set_up(house, "fill")
            supervisor.start(*house.before_the_curtain())
            supervisor.start(house.edge())
            supervisor.start(*house.behind_the_curtain())
            yield Stack(house, supervisor)


def set_up(house: House, what: str) -> None:
    """Run one step of `config.local.rehearse.setting` in the house. Raises Trouble with what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "config.local.rehearse.setting", what, str(house.place.folder)],
        env=house.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Trouble(f"the copy of the show could not be made:\n{done.stderr.strip()}")


@contextmanager
def nothing_of_the_real_house() -> Iterator[None]:
    """Within the block the environment holds what a program needs to run, and nothing else."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({name: value for name, value in before.items() if name in PASSED_ON})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Raises Trouble where there is no room."""
    free_mb = shutil.disk_usage(tempfile.gettempdir()).free // 2**20
    if free_mb < ROOM_MB:
        raise Trouble(
            f"a rehearsal needs {ROOM_MB} MB and {tempfile.gettempdir()} has {free_mb}; make room, "
            "or name another folder with TMPDIR."
        )
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def seats() -> int:
    """How many connections this process and those it starts may hold open, the limit raised as far as we need."""
    now, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), hard))
    return max(now, wanted)
