"""`./run lint`: every checker, side by side; its time, and what it says when it complains (then the exit code is 1)."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from config.local.place import ROOT
from config.local.say import Progress, answer_for

CHECKERS: Mapping[str, Sequence[str]] = {
    "mypy": ("-m", "mypy", ".", "run"),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run", "--settings", "config.settings_test"),
    "import-linter": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo"),
    "ruff": ("-m", "ruff", "check", "--output-format", "concise", ".", "run"),
    "format": ("-m", "ruff", "format", "--check", "--output-format", "concise", ".", "run"),
}


@dataclass(frozen=True)
class Checking:
    """A checker at work."""

    name: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]
    started: float


def main() -> int:
    progress = Progress(sys.stdout)
    waiting = [_start(name, words) for name, words in CHECKERS.items()]
    codes = []
    while waiting:
        for checking in [each for each in waiting if each.process.poll() is not None]:
            waiting.remove(checking)
            codes.append(_report(checking, progress))
        time.sleep(0.05)
    return 1 if any(codes) else 0


def _start(name: str, words: Sequence[str]) -> Checking:
    said = tempfile.TemporaryFile()  # noqa: SIM115 - read and closed when the checker has ended
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
    return Checking(name=name, process=process, said=said, started=time.monotonic())


def _report(checking: Checking, progress: Progress) -> int:
    code = checking.process.returncode
    progress.took(checking.name, time.monotonic() - checking.started, "" if code == 0 else "FAILED")
    if code:
        checking.said.seek(0)
        progress.line(checking.said.read().decode(errors="replace").rstrip())
    checking.said.close()
    return code


if __name__ == "__main__":
    sys.exit(answer_for(main))
