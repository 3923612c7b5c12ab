"""The folder of one copy: one at a time, its secrets, what is forgotten."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.local.place import ROOT, Place, Running
from config.local.say import Trouble

HOLDS = """
import sys, time
from pathlib import Path
from config.local.place import Place, Running
place = Place(Path(sys.argv[1]))
place.take()
place.tell(Running(12345, "http://127.0.0.1:8000", "postgres://there", "redis://there"))
print("taken", flush=True)
time.sleep(60)
"""


def test_a_second_copy_in_the_same_folder_is_refused_and_told_about_the_first(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path], cwd=ROOT, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()

    with pytest.raises(Trouble, match=r"already running \(http://127.0.0.1:8000, process 12345\)"):
        Place(tmp_path).take()

    running = Place(tmp_path).running()
    assert running == Running(12345, "http://127.0.0.1:8000", "postgres://there", "redis://there")
    other.kill()
    other.wait()
    Place(tmp_path).take()


def test_word_of_a_copy_that_was_killed_is_not_believed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.take()
    place.tell(Running(1, "http://127.0.0.1:8000", "postgres://there", "redis://there"))
    del place

    assert Place(tmp_path).running() is None


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    first = Place(tmp_path).secrets()

    assert Place(tmp_path).secrets() == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_forgetting_leaves_nothing_but_the_locks(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.take()
    place.secrets()
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").touch()

    place.forget()

    assert {path.name for path in tmp_path.iterdir()} <= {"lock"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_refused_with_what_to_do() -> None:
    with pytest.raises(Trouble, match="sudo chown"):
        Place(Path("/etc/stagedoor")).take()
