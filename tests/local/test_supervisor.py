"""The supervisor: waves, deaths, and an end that nobody survives."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from config.local.place import ROOT
from config.local.say import Progress, Trouble
from config.local.supervisor import Program, Supervisor

Python = Callable[..., Program]
STAYS = "ready(); time.sleep(60)"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); ready(); time.sleep(60)"


def status(pid: int) -> list[str]:
    """State, parent and group of a process, read at one moment; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_alive(pid: int) -> bool:
    return status(pid)[:1] not in ([], ["Z"])


def living_in_group(group: int) -> list[int]:
    everybody = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    found = {pid: status(pid) for pid in everybody}
    return [
        pid
        for pid, (state, _parent, its_group, *_) in ((pid, row) for pid, row in found.items() if row)
        if state != "Z" and int(its_group) == group
    ]


def test_a_wave_is_started_together_and_waited_for(supervisor: Supervisor, python: Python) -> None:
    slow = "time.sleep(0.6); ready(); time.sleep(60)"

    started = time.monotonic()
    supervisor.start(python("one", slow), python("two", slow))

    assert 0.6 < time.monotonic() - started < 1.1


def test_a_program_that_dies_at_once_is_reported_with_the_end_of_its_log(
    supervisor: Supervisor, python: Python
) -> None:
    with pytest.raises(Trouble, match=r"(?s)web stopped at once \(exit code 3\).*the door is locked"):
        supervisor.start(python("web", "print('the door is locked', flush=True); os._exit(3)"))


def test_a_program_that_never_answers_is_reported(supervisor: Supervisor, python: Python) -> None:
    with pytest.raises(Trouble, match="web does not answer after 0 s"):
        supervisor.start(python("web", "time.sleep(60)", patience_s=0.3))


def test_what_dies_is_started_again_later_each_time(tmp_path: Path, python: Python) -> None:
    told = StringIO()
    supervisor = Supervisor(logs=tmp_path / "log", progress=Progress(told))
    supervisor.start(python("tick", "ready(); time.sleep(0.1); os._exit(1)"))
    give_up = time.monotonic() + 4

    supervisor.watch(until=lambda: time.monotonic() > give_up)
    supervisor.stop()

    pauses = [line.partition("starts again in ")[2][:3] for line in told.getvalue().splitlines() if "again" in line]
    assert pauses[:2] == ["1 s", "2 s"]


def test_everything_stops_in_reverse_order(tmp_path: Path, supervisor: Supervisor, python: Python) -> None:
    diary = tmp_path / "diary"
    writes = (
        "def bye(*_):\n    open({diary!r}, 'a').write('{name} '); os._exit(0)\nsignal.signal(signal.SIGTERM, bye)\n"
    )
    for name in ("database", "web", "edge"):
        supervisor.start(python(name, writes.format(diary=str(diary), name=name) + STAYS))

    supervisor.stop()

    assert diary.read_text().split() == ["edge", "web", "database"]


def test_programs_that_do_not_listen_are_gone_within_five_seconds(supervisor: Supervisor, python: Python) -> None:
    for name in ("one", "two", "three"):
        supervisor.start(python(name, DEAF))
    pids = [supervisor.child(name).process.pid for name in ("one", "two", "three")]

    started = time.monotonic()
    supervisor.stop()

    assert time.monotonic() - started < 5
    assert not any(is_alive(pid) for pid in pids)


def test_children_of_children_are_gone_too(tmp_path: Path, supervisor: Supervisor, python: Python) -> None:
    note = tmp_path / "grandchild"
    forks = f"pid = os.fork()\nif pid == 0: time.sleep(60)\nopen({str(note)!r}, 'w').write(str(pid))\n"
    supervisor.start(python("web", forks + STAYS))

    supervisor.stop()

    assert not is_alive(int(note.read_text()))


def test_a_killed_supervisor_takes_everything_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    source = f"""
import os, signal, sys, time
from pathlib import Path
from config.local.say import Progress
from config.local.supervisor import Program, Supervisor
deaf = "import os, signal, time\\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\\nos.fork()\\ntime.sleep(60)"
supervisor = Supervisor(logs=Path({str(tmp_path)!r}), progress=Progress())
supervisor.start(Program("deaf", [sys.executable, "-c", deaf], dict(os.environ), Path("/"), lambda: True))
time.sleep(0.5)
Path({str(note)!r}).write_text(f"{{supervisor.child('deaf').process.pid}} {{supervisor.leash.watcher.pid}}")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", source], cwd=ROOT, check=False)
    deaf, watcher = map(int, note.read_text().split())

    deadline = time.monotonic() + 4
    while time.monotonic() < deadline and (living_in_group(deaf) or is_alive(watcher)):
        time.sleep(0.05)

    assert living_in_group(deaf) == []
    assert not is_alive(watcher)


def test_the_log_of_the_earlier_start_is_kept(tmp_path: Path, python: Python) -> None:
    for words in ("first", "second"):
        supervisor = Supervisor(logs=tmp_path / "log", progress=Progress())
        supervisor.start(python("web", f"print({words!r}, flush=True); {STAYS}"))
        supervisor.child("web").process.send_signal(signal.SIGTERM)
        supervisor.stop()
        (tmp_path / "web.ready").unlink()

    assert (tmp_path / "log" / "web.log").read_text() == "second\n"
    assert (tmp_path / "log" / "web.log.1").read_text() == "first\n"
