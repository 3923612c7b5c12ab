"""A shop in one file: what was is there again, and what cannot be put back whole changes nothing."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import psycopg
import pytest

from config.local.archive import Files, write_backup
from config.local.database import Database
from config.local.house import House, Ports
from config.local.place import ROOT, Place
from config.local.restore import restore
from config.local.say import Progress, Trouble
from config.local.shop import Shop
from config.local.stack import services

QUIET = Progress()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    place = Place(tmp_path_factory.mktemp("shop of a friend"))
    with services(place, progress=QUIET, durable=False) as (database_url, _, _):
        house = House(place, Ports.unused(), database_url, "redis://127.0.0.1:1/0")
        house.make_folders()
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=house.environment(), check=True)
        yield house


@pytest.fixture
def shop(home: House) -> Shop:
    """A migrated shop with one note in its database and one file of each kind."""
    shop = Shop(Database(home.database_url), Files(home.private_root, home.media_root), home.environment())
    write_note(shop, "before")
    (shop.files.private / "books").mkdir(exist_ok=True)
    (shop.files.private / "books" / "the book.epub").write_text("chapter one")
    (shop.files.media / "mug.webp").write_text("picture")
    return shop


def write_note(shop: Shop, words: str) -> None:
    with psycopg.connect(shop.database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (words text)")
        connection.execute("DELETE FROM note")
        connection.execute("INSERT INTO note VALUES (%s)", [words])


def note(shop: Shop) -> str:
    return str(shop.database.ask("SELECT words FROM note")[0][0])


def databases(shop: Shop) -> set[str]:
    return {name for (name,) in shop.database.ask("SELECT datname FROM pg_database WHERE datname LIKE 'stagedoor%'")}


def test_what_was_is_there_again(shop: Shop, tmp_path: Path) -> None:
    size = write_backup(tmp_path / "shop.tar", database=shop.database, files=shop.files)
    write_note(shop, "after")
    (shop.files.private / "books" / "the book.epub").unlink()
    (shop.files.media / "new.webp").write_text("made later")

    restore(tmp_path / "shop.tar", shop=shop, progress=QUIET)

    assert note(shop) == "before"
    assert (shop.files.private / "books" / "the book.epub").read_text() == "chapter one"
    assert [path.name for path in shop.files.media.iterdir()] == ["mug.webp"]
    assert size == (tmp_path / "shop.tar").stat().st_size
    assert databases(shop) == {"stagedoor"}
    assert not list(shop.files.private.parent.glob("*.before")) + list(shop.files.private.parent.glob("*.restored"))


def test_a_backup_is_its_owners_alone_and_leaves_nothing_beside_it(shop: Shop, tmp_path: Path) -> None:
    write_backup(tmp_path / "shop.tar", database=shop.database, files=shop.files)

    assert (tmp_path / "shop.tar").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["shop.tar"]


def test_a_restore_cuts_off_who_is_still_connected(shop: Shop, tmp_path: Path) -> None:
    write_backup(tmp_path / "shop.tar", database=shop.database, files=shop.files)

    with psycopg.connect(shop.database.url, autocommit=True) as forgotten:
        restore(tmp_path / "shop.tar", shop=shop, progress=QUIET)
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")

    assert note(shop) == "before"


def tar_of(path: Path, **members: bytes) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, BytesIO(content))
    return path


def whole(path: Path, shop: Shop) -> Path:
    write_backup(path, database=shop.database, files=shop.files)
    return path


def half(path: Path, shop: Shop) -> Path:
    content = whole(path, shop).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def without_database(path: Path, shop: Shop) -> Path:
    return tar_of(path, **{"stagedoor.json": json.dumps({"format": "stagedoor-backup-1", "made_at": "now"}).encode()})


def climbing(path: Path, shop: Shop) -> Path:
    note = json.dumps({"format": "stagedoor-backup-1", "made_at": "now"}).encode()
    return tar_of(path, **{"stagedoor.json": note, "private/../../stolen": b"x"})


def broken_dump(path: Path, shop: Shop) -> Path:
    note = json.dumps({"format": "stagedoor-backup-1", "made_at": "now"}).encode()
    return tar_of(path, **{"stagedoor.json": note, "database.dump": b"PGDMP nonsense"})


def picture(path: Path, shop: Shop) -> Path:
    path.write_bytes(b"\x89PNG and so on" * 1000)
    return path


def other_tar(path: Path, shop: Shop) -> Path:
    return tar_of(path, holiday=b"photos")


def empty(path: Path, shop: Shop) -> Path:
    path.touch()
    return path


@pytest.mark.parametrize("make", [half, without_database, climbing, broken_dump, picture, other_tar, empty])
def test_what_is_not_a_whole_backup_is_refused_and_nothing_changes(make: object, shop: Shop, tmp_path: Path) -> None:
    source = make(tmp_path / "shop.tar", shop)  # type: ignore[operator]
    write_note(shop, "after")

    with pytest.raises(Trouble):
        restore(source, shop=shop, progress=QUIET)

    assert note(shop) == "after"
    assert (shop.files.private / "books" / "the book.epub").read_text() == "chapter one"
    assert databases(shop) == {"stagedoor"}
    assert not (shop.files.private.parent.parent / "stolen").exists()


def test_a_backup_of_a_newer_stagedoor_is_refused_by_name(shop: Shop, tmp_path: Path) -> None:
    later = "INSERT INTO django_migrations (app, name, applied) VALUES ('shop', '9999_from_tomorrow', now())"
    with psycopg.connect(shop.database.url, autocommit=True) as connection:
        connection.execute(later)
        write_backup(tmp_path / "shop.tar", database=shop.database, files=shop.files)
        connection.execute("DELETE FROM django_migrations WHERE name = '9999_from_tomorrow'")

    with pytest.raises(Trouble, match=r"newer Stagedoor \(it knows shop.9999_from_tomorrow\)"):
        restore(tmp_path / "shop.tar", shop=shop, progress=QUIET)

    assert note(shop) == "before"


def test_when_a_folder_cannot_change_places_the_database_goes_back(shop: Shop, tmp_path: Path) -> None:
    write_backup(tmp_path / "shop.tar", database=shop.database, files=shop.files)
    write_note(shop, "after")
    gone = Shop(shop.database, Files(shop.files.private, tmp_path / "never made"), shop.environment)

    with pytest.raises(Trouble, match="cannot be moved"):
        restore(tmp_path / "shop.tar", shop=gone, progress=QUIET)

    assert note(shop) == "after"
    assert (shop.files.private / "books" / "the book.epub").read_text() == "chapter one"
    assert databases(shop) == {"stagedoor"}


def test_the_password_is_not_among_the_words_that_everybody_can_see(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(Trouble) as told:
        shop.database.named("no_such_database").dump(tmp_path / "dump")

    assert shop.database.url.split(":")[2].split("@")[0] not in str(told.value)
