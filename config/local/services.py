"""PostgreSQL, Valkey and Caddy as ordinary processes: their data, their command lines, their recovery after a kill.

PostgreSQL refuses to run as root, so root starts it as another user, who may not be able to walk down to this folder
(a checkout below a folder of mode 0700). On Linux it needs no walk: we stand in its data folder, change the user, and
name the folder /proc/self/cwd.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local import binaries
from config.local.children import Account, account_of, give, spawn, unprivileged_account
from config.local.ready import listens
from config.local.say import Trouble
from config.local.supervisor import Program

OWNER = "stagedoor"
LEFT_BEHIND_PATIENCE_S = 6.0
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@dataclass(frozen=True)
class Postgres:
    """One PostgreSQL server with its data in `folder`. `durable=False` forgets on a crash, and is faster."""

    folder: Path
    port: int
    password: str
    durable: bool = True

    def url(self, database: str = OWNER) -> str:
        return f"postgres://{OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data folder if there is none; clean up after a killed server. Raises Trouble."""
        if not (self.folder / "PG_VERSION").exists():
            _make_cluster(self)
        _check_version(self.folder)
        end_left_behind(self.folder)

    def program(self) -> Program:
        account = _account(self.folder)
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=200",
            "timezone=UTC",
            *(() if self.durable else THROW_AWAY),
        ]
        return Program(
            name="postgres",
            command=[
                str(binaries.postgres_bin(account) / "postgres"),
                "-D",
                _own_name(self.folder, account),
                *(word for setting in settings for word in ("-c", setting)),
            ],
            env=_plain_environment(),
            cwd=self.folder,
            is_ready=self._says_ready,
            stop_signal=signal.SIGINT,
            account=account,
        )

    def _says_ready(self) -> bool:
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"


@dataclass(frozen=True)
class Valkey:
    """One Valkey server that keeps nothing on disk: what it holds may be lost at any time."""

    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def program(self) -> Program:
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ''\nappendonly no\ndaemonize no\n"
        )
        return Program(
            name="valkey",
            command=[str(binaries.valkey_server()), "valkey.conf"],
            env=_plain_environment(),
            cwd=self.folder,
            is_ready=listens(self.port),
        )


def _make_cluster(postgres: Postgres) -> None:
    """initdb and the one database, in a folder beside, renamed when complete: a start cut short leaves no half."""
    unfinished = postgres.folder.with_name(f"{postgres.folder.name}.unfinished")
    for folder in (unfinished, postgres.folder):
        shutil.rmtree(folder, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    account = unprivileged_account()
    if account:
        give(unfinished, to=account)
    place, programs = _own_name(unfinished, account), binaries.postgres_bin(account)
    with tempfile.TemporaryFile() as password:
        password.write(postgres.password.encode())
        password.seek(0)
        if account:
            give(password.fileno(), to=account)
        initdb = [str(programs / "initdb"), "-D", place, "-U", OWNER, "--auth=scram-sha-256", "--encoding=UTF8"]
        initdb += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb += [f"--pwfile=/dev/fd/{password.fileno()}", *([] if postgres.durable else ["--no-sync"])]
        _run_inside(unfinished, initdb, account=account, pass_fds=[password.fileno()])
    single = [str(programs / "postgres"), "--single", "-D", place, "template1"]
    _run_inside(unfinished, single, account=account, said=f"CREATE DATABASE {OWNER}\n")
    unfinished.rename(postgres.folder)


def _run_inside(
    folder: Path, command: Sequence[str], *, account: Account | None, said: str = "", pass_fds: Sequence[int] = ()
) -> None:
    with tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as words:
        words.write(said.encode())
        words.seek(0)
        code = spawn(
            command,
            env=_plain_environment(),
            cwd=folder,
            log=log.fileno(),
            account=account,
            stdin=words,
            pass_fds=pass_fds,
        ).wait()
        log.seek(0)
        if code != 0:
            raise Trouble(f"{Path(command[0]).name} failed:\n{log.read().decode(errors='replace').strip()}")


def _check_version(folder: Path) -> None:
    ours = subprocess.run(
        [binaries.postgres_bin(_account(folder)) / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    theirs = (folder / "PG_VERSION").read_text().strip()
    if f" {theirs}." not in ours:
        raise Trouble(
            f"the data in {folder} is of PostgreSQL {theirs}, and this is {ours.strip()}; make a backup with the "
            "version of Stagedoor that wrote it and restore it here, or start with --fresh."
        )


def end_left_behind(folder: Path) -> None:
    """End a server that outlived its supervisor; remove the pid file of one that is gone (its number may be reused)."""
    pid_file = folder / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().splitlines()[0])
    except FileNotFoundError:
        return
    except (ValueError, IndexError):
        pid_file.unlink()
        return
    deadline = time.monotonic() + LEFT_BEHIND_PATIENCE_S
    while _is_postmaster_of(pid, folder):
        late = time.monotonic() > deadline
        os.kill(pid, signal.SIGKILL if late else signal.SIGINT)
        time.sleep(0.2)
    pid_file.unlink(missing_ok=True)


def _is_postmaster_of(pid: int, folder: Path) -> bool:
    """Whether the process lives and stands in `folder`, as a postmaster does."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cwd").samefile(folder)
        except OSError:
            return False
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(folder) in said.stdout


def _account(folder: Path) -> Account | None:
    """Root runs a server as the one who owns its data, whoever made them."""
    return account_of(folder) if os.geteuid() == 0 else None


def _own_name(folder: Path, account: Account | None) -> str:
    """What a process that stands in `folder` as `account` calls it."""
    return "/proc/self/cwd" if account and sys.platform == "linux" else str(folder)


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
