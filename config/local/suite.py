"""`./run test`: the whole suite against a throw-away PostgreSQL and Valkey of its own; words go to pytest."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from config.environment import VARIABLES
from config.local.browser import VARIABLE as BROWSER
from config.local.browser import find_browser, install_browser
from config.local.place import ROOT, Place
from config.local.say import Progress, answer_for
from config.local.stack import services


def main() -> int:
    words, progress = sys.argv[1:], Progress(sys.stdout)
    browser = find_browser()
    if browser is None and _is_whole_suite(words):
        browser = install_browser(progress)
    with tempfile.TemporaryDirectory(prefix="stagedoor-test-") as folder:
        place = Place(Path(folder))
        place.take()
        with services(place, progress=progress, durable=False) as (database_url, redis_url, _):
            environment = _surroundings() | {
                "DJANGO_SETTINGS_MODULE": "config.settings_test",
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                BROWSER: browser or "none",
            }
            with progress.step("suite"):
                return _pytest([*_in_parallel(words), *words], environment)


def _pytest(words: Sequence[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise


def _in_parallel(words: Sequence[str]) -> list[str]:
    if any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in words):
        return []
    return ["-n", str(max(2, os.cpu_count() or 2)), "--dist", "loadgroup"]


def _is_whole_suite(words: Sequence[str]) -> bool:
    return not any(Path(word.partition("::")[0]).exists() for word in words)


def _surroundings() -> dict[str, str]:
    """Our environment without what would lead the suite to services that are not its own."""
    ours = {variable.name for variable in VARIABLES}
    return {name: value for name, value in os.environ.items() if name not in ours}


if __name__ == "__main__":
    sys.exit(answer_for(main))
