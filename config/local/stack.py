"""The whole house started, ready to be asked, and stopped again: what the demo, its check and the tests share."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from config.local.house import House, Ports
from config.local.outside import NOTHING, Outside
from config.local.place import ROOT, Place, Running
from config.local.ports import free_ports, is_free
from config.local.say import Progress, Trouble
from config.local.services import Postgres, Valkey, end_left_behind
from config.local.supervisor import Supervisor

FIRST_PAGE_PATIENCE_S = 60
WHAT_PREPARING_READS = ("[!.]*/migrations/*.py", "[!.]*/static/**/*", "config/local/*.py", "requirements.txt")


@dataclass(frozen=True)
class Stack:
    """A house that stands: `base_url` answers; `supervisor` can kill and restart single processes by name."""

    house: House
    supervisor: Supervisor
    sign_in_links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return self.house.site_url


@contextmanager
def services(
    place: Place, *, progress: Progress, outside: Outside = NOTHING, durable: bool = True
) -> Iterator[tuple[str, str, Supervisor]]:
    """PostgreSQL and Valkey, each only where `outside` names no other: (database URL, Redis URL, supervisor).

    All that the supervisor started stops at the end of the block, in reverse order. Raises Trouble.
    """
    ports, password = free_ports(), place.secrets().service_password
    postgres = Postgres(folder=place.postgres, port=next(ports), password=password, durable=durable)
    valkey = Valkey(folder=place.valkey, port=next(ports), password=password)
    wave = []
    if not outside.database_url:
        with progress.step("database files"):
            postgres.prepare()
        wave.append(postgres.program())
    if not outside.redis_url:
        wave.append(valkey.program())
    with supervised(place, progress=progress) as supervisor:
        supervisor.start(*wave)
        yield outside.database_url or postgres.url(), outside.redis_url or valkey.url, supervisor


@contextmanager
def supervised(place: Place, *, progress: Progress) -> Iterator[Supervisor]:
    """A supervisor that stops everything at the end of the block; a second Ctrl-C does not interrupt that."""
    supervisor = Supervisor(logs=place.logs, progress=progress)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in before:
        signal.signal(number, _like_ctrl_c)
    try:
        yield supervisor
    finally:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stack(
    folder: Path,
    *,
    port: int | None = None,
    outside: Outside = NOTHING,
    fresh: bool = False,
    payment_quiet_s: int = 60,
    has_audience: bool = False,
    durable: bool = True,
    progress: Progress | None = None,
) -> Iterator[Stack]:
    """Start every process of the house with its state in `folder`; stop all of them at the end of the block.

    `port` is the one that people see, a free one when None; `fresh` forgets what `folder` holds; `outside` names
    the real services to use. Must be called from the main thread. Raises Trouble.
    """
    place, progress = Place(folder), progress or Progress()
    if port is not None and not is_free(port):
        raise Trouble(f"port {port} is taken; stop what listens there, or choose another with --port {port + 1}.")
    place.take()
    if fresh:
        end_left_behind(place.postgres)
        place.forget()
    with services(place, progress=progress, outside=outside, durable=durable) as (database_url, redis_url, supervisor):
        free = free_ports()
        ports = Ports(port or next(free), *(next(free) for _ in fields(Ports)[1:]))
        house = House(place, ports, database_url, redis_url, outside, payment_quiet_s)
        house.make_folders()
        prepare(house, progress=progress)
        supervisor.start(*house.before_the_curtain())
        supervisor.start(house.edge())
        with progress.step("first page"):
            _visit(house)
        with sign_in_links(house) as links:
            supervisor.start(*house.behind_the_curtain())
        place.tell(Running(os.getpid(), house.site_url, database_url, redis_url))
        supervisor.start(house.show(has_audience=has_audience))
        yield Stack(house, supervisor, links)


def prepare(house: House, *, progress: Progress) -> None:
    """Migrate, collect static files and seed, in one process; nothing at all when neither the files
    that this reads nor our own database changed since the last time.

    Raises Trouble when one of them fails; what it said is on the screen then.
    """
    prepared, seen = house.place.prepared, _fingerprint(house)
    if not house.outside.database_url and prepared.exists() and prepared.read_text() == seen:
        return
    done = subprocess.run(
        [sys.executable, "-m", "config.local.prepare"],
        env=house.environment(),
        cwd=ROOT,
        stdout=progress.out or subprocess.DEVNULL,
        check=False,
    )
    if done.returncode < 0 or done.returncode == 130:
        raise KeyboardInterrupt
    if done.returncode:
        raise Trouble("the database could not be prepared; the reason is above.")
    prepared.write_text(seen)


@contextmanager
def sign_in_links(house: House) -> Iterator[list[tuple[str, str]]]:
    """(name, URL) of each demo person: asked for when the block begins, complete when it ends."""
    links: list[tuple[str, str]] = []
    log = house.place.logs / "links.log"
    with log.open("wb") as complaints:
        asking = subprocess.Popen(
            [sys.executable, "manage.py", "demo_links"],
            env=house.environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
    yield links
    said, _ = asking.communicate()
    if asking.returncode:
        raise Trouble(f"the sign-in links could not be made; see {log}.")
    links += [(name, url) for name, _, url in (line.partition("\t") for line in said.splitlines()) if url]


def _visit(house: House) -> None:
    """Ask for the home page once, before the rest starts: the first visitor then does not wait for two cores' work."""
    try:
        with urlopen(house.site_url, timeout=FIRST_PAGE_PATIENCE_S):  # noqa: S310 - our own address
            pass
    except HTTPError as refused:
        raise Trouble(f"the home page is answered with {refused.code}; see {house.place.logs}/web.log.") from refused


def _fingerprint(house: House) -> str:
    """Changes when a file that preparing reads does."""
    files = sorted(path for pattern in WHAT_PREPARING_READS for path in ROOT.glob(pattern) if path.is_file())
    stats = ((path, path.stat()) for path in files)
    told = [f"{path.relative_to(ROOT)} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats]
    return hashlib.sha256("\n".join([str(house.outside), *told]).encode()).hexdigest()


def _like_ctrl_c(number: int, frame: object) -> None:
    raise KeyboardInterrupt
