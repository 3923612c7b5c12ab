"""Places and programs for the tests of what runs on one machine."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.local.say import Progress
from config.local.supervisor import Program, Supervisor


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder with a space in its name, below one that only its owner may enter."""
    outer = Path(tempfile.mkdtemp(prefix="stagedoor closed "))
    outer.chmod(0o700)
    inner = outer / "my shop"
    inner.mkdir()
    yield inner
    shutil.rmtree(outer)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(logs=tmp_path / "log", progress=Progress())
    yield supervisor
    supervisor.stop()


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., Program]:
    """A program of a few lines of Python that is ready when it has made the file `<name>.ready`."""

    def program(name: str, lines: str, **more: object) -> Program:
        ready = tmp_path / f"{name}.ready"
        source = f"import os, pathlib, signal, time\nready = pathlib.Path({str(ready)!r}).touch\n{lines}"
        return Program(
            name=name,
            command=[sys.executable, "-c", source],
            env={"PATH": os.defpath},
            cwd=tmp_path,
            is_ready=ready.exists,
            **{"stop_signal": signal.SIGTERM, **more},  # type: ignore[arg-type]
        )

    return program
