"""A shop in one file: a tar of a note about it, PostgreSQL's own dump, and the private and media files.

The dump is taken before the files, so every file that a row of the dump names is in the tar.
"""

import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from config.local.database import Database
from config.local.say import Trouble

FORMAT = "stagedoor-backup-1"
NOTE, DUMP = "stagedoor.json", "database.dump"


@dataclass(frozen=True)
class Files:
    """The two folders of files that a shop cannot make again."""

    private: Path
    media: Path

    def by_name(self) -> dict[str, Path]:
        return {"private": self.private, "media": self.media}


def write_backup(to: Path, *, database: Database, files: Files) -> int:
    """Write the shop to the file `to`, readable by its owner only; return its bytes. The shop may run meanwhile.

    The file appears when it is complete. Raises Trouble.
    """
    unfinished = to.with_name(f"{to.name}.unfinished")
    dump = to.with_name(f"{to.name}.dump")
    try:
        for path in (unfinished, dump):
            path.touch(mode=0o600)
        database.dump(dump)
        with tarfile.open(unfinished, "w") as tar:
            _add_note(tar)
            tar.add(dump, DUMP)
            for name, folder in files.by_name().items():
                for path in _files_in(folder):
                    tar.add(path, f"{name}/{path.relative_to(folder).as_posix()}", recursive=False)
        unfinished.replace(to)
    except OSError as refused:
        raise Trouble(f"{to} cannot be written ({refused.strerror}).") from refused
    finally:
        for path in (unfinished, dump):
            path.unlink(missing_ok=True)
    return to.stat().st_size


def unpack(source: Path, *, into: Files, dump: Path) -> str:
    """Put the files of a backup under the two new folders `into` and its database dump into `dump`; return when the
    backup was made (ISO 8601). Raises Trouble when `source` is not a whole backup."""
    try:
        with tarfile.open(source, "r:") as tar:
            made_at = _read_note(tar, source)
            for folder in into.by_name().values():
                folder.mkdir(parents=True)
            for member in tar:
                if member.isfile() and (place := _place_of(member.name, into=into, dump=dump)):
                    _copy(tar.extractfile(member), place)
    except (tarfile.TarError, EOFError) as broken:
        raise Trouble(f"{source} is not a whole Stagedoor backup ({broken}).") from broken
    except OSError as refused:
        raise Trouble(f"{refused.filename or source} cannot be read or written ({refused.strerror}).") from refused
    if not dump.exists():
        raise Trouble(f"{source} is not a whole Stagedoor backup (it holds no database).")
    return made_at


def _add_note(tar: tarfile.TarFile) -> None:
    note = json.dumps({"format": FORMAT, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}).encode()
    entry = tarfile.TarInfo(NOTE)
    entry.size, entry.mode = len(note), 0o600
    tar.addfile(entry, io.BytesIO(note))


def _read_note(tar: tarfile.TarFile, source: Path) -> str:
    first = tar.next()
    note = tar.extractfile(first) if first and first.name == NOTE else None
    told = json.loads(note.read()) if note else {}
    if told.get("format") != FORMAT:
        raise Trouble(f"{source} is not a backup that this version of Stagedoor can read.")
    return str(told["made_at"])


def _files_in(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _place_of(name: str, *, into: Files, dump: Path) -> Path | None:
    """Where a member belongs; None for what is not ours to write. Raises Trouble for a name that leads elsewhere."""
    if name == DUMP:
        return dump
    first, *rest = PurePosixPath(name).parts
    folder = into.by_name().get(first)
    if folder is None or not rest:
        return None
    if ".." in rest or PurePosixPath(name).is_absolute():
        raise Trouble(f"this backup was tampered with: it holds a file called {name}.")
    return folder.joinpath(*rest)


def _copy(content: IO[bytes] | None, place: Path) -> None:
    assert content is not None
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as target:
        shutil.copyfileobj(content, target)
