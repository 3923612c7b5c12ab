"""How much memory processes take."""

import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path


def megabytes_of(groups: Collection[int]) -> float:
    """All processes of these groups together: on Linux what several share counts once."""
    return sum(_shared_out(groups) if sys.platform == "linux" else _resident(groups)) / 1024


def _shared_out(groups: Collection[int]) -> Iterator[int]:
    """The kernel's proportional set size of each, in kB."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            group = int((process / "stat").read_text().rpartition(")")[2].split()[2])
            if group in groups:
                lines = (process / "smaps_rollup").read_text().splitlines()
                yield next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked


def _resident(groups: Collection[int]) -> Iterator[int]:
    """The resident size of each, in kB."""
    said = subprocess.run(["ps", "-axo", "pgid=,rss="], capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        group, kilobytes = map(int, line.split())
        if group in groups:
            yield kilobytes
