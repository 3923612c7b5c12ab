"""`./run restore FILE`: put back what a backup holds.

Database and files are laid out beside the present ones, brought up to date and checked there; only then do they change
places. Until that moment, and when anything goes wrong, the shop is as it was.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from config.local.archive import Files, unpack
from config.local.database import Database
from config.local.place import ROOT
from config.local.say import Progress, Trouble, answer_for
from config.local.shop import Shop, stopped_shop

CHECK = "check_invariants"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run restore", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    source: Path = parser.parse_args().file.absolute()
    if not source.is_file():
        raise Trouble(f"there is no file {source}.")
    progress = Progress(sys.stdout)
    with stopped_shop(progress) as shop:
        restore(source, shop=shop, progress=progress)
    return 0


def restore(source: Path, *, shop: Shop, progress: Progress) -> None:
    """Make `shop` what it was when `source` was written. Raises Trouble, and then nothing has changed."""
    restored = shop.database.named(f"{shop.database.name}_restored")
    with _beside(shop.files) as files, TemporaryDirectory(dir=files.private.parent) as folder:
        with progress.step("files"):
            made_at = unpack(source, into=files, dump=Path(folder) / "dump")
        try:
            with progress.step("database"):
                restored.create()
                restored.fill(Path(folder) / "dump")
            _bring_up_to_date(shop, restored, files, progress)
            with progress.step("change of places"):
                _exchange(shop, restored, files)
        finally:
            restored.drop()
    progress.line(f"  The shop is as it was at {made_at}.")


def _bring_up_to_date(shop: Shop, database: Database, files: Files, progress: Progress) -> None:
    _refuse_unknown_migrations(database)
    environment = shop.environment | {
        "DATABASE_URL": database.url,
        "PRIVATE_ROOT": str(files.private),
        "MEDIA_ROOT": str(files.media),
    }
    commands = [["migrate", "--no-input", "--verbosity", "0"]]
    if any(ROOT.glob(f"*/management/commands/{CHECK}.py")):
        commands.append([CHECK, "--stopped"])
    for command in commands:
        with progress.step(command[0].replace("_", " ")):
            done = subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=False)
        if done.returncode:
            raise Trouble(f"`manage.py {command[0]}` is not content with the restored shop; nothing was changed.")


def _refuse_unknown_migrations(database: Database) -> None:
    applied = database.ask("SELECT app, name FROM django_migrations WHERE app IN ('config', 'shop', 'liveevents')")
    unknown = [f"{app}.{name}" for app, name in applied if not (ROOT / app / "migrations" / f"{name}.py").exists()]
    if unknown:
        raise Trouble(
            f"this backup was made by a newer Stagedoor (it knows {', '.join(sorted(unknown)[:3])}); "
            "bring this copy up to date first."
        )


def _exchange(shop: Shop, restored: Database, files: Files) -> None:
    """Database first, then the two folders; back again when one of them cannot move. Raises Trouble."""
    before = shop.database.named(f"{shop.database.name}_before")
    before.drop()
    restored.take_the_place_of(shop.database, kept_as=before)
    moved: list[Path] = []
    try:
        for name, folder in shop.files.by_name().items():
            folder.rename(_kept(folder))
            moved.append(folder)
            files.by_name()[name].rename(folder)
    except OSError as refused:
        for folder in moved:
            shutil.rmtree(folder, ignore_errors=True)
            _kept(folder).rename(folder)
        before.take_the_place_of(shop.database, kept_as=restored)
        raise Trouble(f"{refused.filename} cannot be moved ({refused.strerror}); nothing was changed.") from refused
    before.drop()
    for folder in moved:
        shutil.rmtree(_kept(folder))


@contextmanager
def _beside(files: Files) -> Iterator[Files]:
    """Names for two new folders on the same disks as the present ones; whatever is left there goes at the end."""
    new = Files(*(folder.with_name(f"{folder.name}.restored") for folder in (files.private, files.media)))
    leftovers = [*new.by_name().values(), *(_kept(folder) for folder in files.by_name().values())]
    try:
        for folder in leftovers:
            shutil.rmtree(folder, ignore_errors=True)
        yield new
    finally:
        for folder in new.by_name().values():
            shutil.rmtree(folder, ignore_errors=True)


def _kept(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.before")


if __name__ == "__main__":
    sys.exit(answer_for(main))
