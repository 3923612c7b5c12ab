"""What the commands say: a line for each step with its time, and one sentence when something is wrong."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


class Trouble(Exception):
    """Something the person at the keyboard can put right; its text is one sentence that says how."""


class Progress:
    """Writes one line for each step to `out`; None keeps quiet."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out

    def line(self, text: str = "") -> None:
        if self.out is not None:
            print(text, file=self.out, flush=True)

    def took(self, name: str, seconds: float, remark: str = "") -> None:
        self.line(f"  {name:<34}{seconds:5.1f} s{'  ' + remark if remark else ''}")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block and write its line when it ends well."""
        started = time.monotonic()
        yield
        self.took(name, time.monotonic() - started)


def answer_for(command: Callable[[], int]) -> int:
    """Run a command for its exit code; Trouble becomes one sentence and 1, Ctrl-C becomes 130."""
    try:
        return command()
    except Trouble as trouble:
        print(f"Stagedoor: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
