"""One PostgreSQL database seen from outside: dumped, filled from a dump, exchanged for another."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.local.binaries import postgres_bin
from config.local.say import Trouble

UPKEEP_DATABASE = "postgres"


@dataclass(frozen=True)
class Database:
    """A database by its URL."""

    url: str

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    def named(self, name: str) -> "Database":
        """The database of that name on the same server."""
        return Database(urlunsplit(urlsplit(self.url)._replace(path=f"/{name}")))

    def dump(self, to: Path) -> None:
        """Write PostgreSQL's custom format. Raises Trouble."""
        self._tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")

    def fill(self, dump: Path) -> None:
        """Load a dump into this empty database, all or nothing. Raises Trouble."""
        options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        self._tool("pg_restore", *options, str(dump))

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with _connected(self.url) as connection:
            return connection.execute(sql.SQL(question)).fetchall()

    def create(self) -> None:
        """Make it, empty, in place of one left over. Raises Trouble where this user may not."""
        self._upkeep("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
        try:
            self._upkeep("CREATE DATABASE {} TEMPLATE template0", self.name)
        except psycopg.errors.InsufficientPrivilege as refused:
            user = urlsplit(self.url).username
            raise Trouble(
                f"a restore fills a new database first; allow it with ALTER ROLE {user} CREATEDB."
            ) from refused

    def drop(self) -> None:
        self._upkeep("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)

    def take_the_place_of(self, other: "Database", *, kept_as: "Database") -> None:
        """From now on this one has the name of `other`, and `other` is `kept_as`. Whoever is connected is cut off."""
        with _connected(self.named(UPKEEP_DATABASE).url) as connection:
            for name in (other.name, self.name):
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(other.name), sql.Identifier(kept_as.name)))
            connection.execute(rename.format(sql.Identifier(self.name), sql.Identifier(other.name)))

    def _upkeep(self, statement: str, name: str) -> None:
        with _connected(self.named(UPKEEP_DATABASE).url) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    def _tool(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs; the password goes by its environment, where no other user sees it."""
        parts = urlsplit(self.url)
        user, _, address = parts.netloc.rpartition("@")
        shown = urlunsplit(parts._replace(scheme="postgresql", netloc=f"{user.partition(':')[0]}@{address}"))
        environment = dict(os.environ) | {"PGPASSWORD": unquote(parts.password or "")}
        command: Sequence[str] = [str(postgres_bin(None) / program), *words, f"--dbname={shown}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(f"{program} failed: {done.stderr.strip()}")


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    try:
        connection = psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as refused:
        raise Trouble(f"the database does not answer: {refused}") from refused
    with connection:
        yield connection
