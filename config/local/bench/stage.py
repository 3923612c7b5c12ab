"""What is measured: PostgreSQL, Valkey, web and tick of one house, started in a place of its own as anywhere else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.core.management import call_command

from config.local.house import House, Ports
from config.local.place import Place
from config.local.ports import free_ports
from config.local.say import Progress
from config.local.stack import services
from config.local.supervisor import Program, Supervisor

MEASURED = ("web", "tick")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.local.bench.settings", "STAGEDOOR_DEMO": "0"}


@dataclass(frozen=True)
class Stage:
    """The house that stands, and who keeps it."""

    house: House
    supervisor: Supervisor

    @property
    def host(self) -> str:
        """What people type, and therefore what every request says."""
        return urlsplit(self.house.site_url).netloc

    @property
    def port(self) -> int:
        """The web process itself: two cores cannot hold the edge as well."""
        return self.house.ports.web

    @property
    def groups(self) -> list[int]:
        """The process groups of what is measured."""
        return [self.supervisor.child(name).process.pid for name in MEASURED]

    @property
    def database_log(self) -> Path:
        return self.house.place.logs / "postgres.log"


@contextmanager
def stage(folder: Path, *, progress: Progress) -> Iterator[Stage]:
    """Start them with an empty database and this process's Django set up for the same; stop them.

    PostgreSQL is durable and otherwise as it comes. Must be called from the main thread. Raises Trouble.
    """
    place = Place(folder)
    place.take()
    with services(place, progress=progress) as (database_url, redis_url, supervisor):
        ports = Ports(*(port for port, _ in zip(free_ports(), fields(Ports), strict=False)))
        house = House(place, ports, database_url, redis_url)
        house.make_folders()
        with progress.step("Django, migrations"):
            _prepare(house)
        programs = {program.name: program for program in (*house.before_the_curtain(), *house.behind_the_curtain())}
        supervisor.start(*(_named(programs[name]) for name in MEASURED))
        yield Stage(house, supervisor)


def _named(program: Program) -> Program:
    """The program, known by its name in the database's log, with the settings of the bench."""
    return replace(program, env={**program.env, **SETTINGS, "PGAPPNAME": program.name})


def _prepare(house: House) -> None:
    """Django in this process, as the house has it; tables, and the static files that pages name."""
    os.environ.update({**house.environment(), **SETTINGS, "PGAPPNAME": "bench"})
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
