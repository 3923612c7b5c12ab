"""`./run lock`: pin what requirements*.in ask for, with the hash of every file, for all platforms."""

import shutil
import subprocess
import sys
from collections.abc import Sequence

from config.local.place import ROOT
from config.local.say import Progress, Trouble, answer_for

LOCKED = ("requirements", "requirements-dev")
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-config")


def main() -> int:
    uv, progress = shutil.which("uv"), Progress(sys.stdout)
    if uv is None:
        raise Trouble("locking needs uv; install it with `pipx install uv` or from https://docs.astral.sh/uv/.")
    for name in LOCKED:
        with progress.step(f"{name}.txt"):
            _compile(uv, name, sys.argv[1:])
    return 0


def _compile(uv: str, name: str, words: Sequence[str]) -> None:
    command = [uv, "pip", "compile", *OPTIONS, "-q", "--custom-compile-command", "./run lock", *words]
    done = subprocess.run([*command, f"{name}.in", "-o", f"{name}.txt"], cwd=ROOT, check=False)
    if done.returncode:
        raise Trouble(f"{name}.in cannot be resolved; the reason is above.")


if __name__ == "__main__":
    sys.exit(answer_for(main))
