"""A shop without shows is complete: its tests pass with the live side uninstalled."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("stock", "checkout", "fulfilment", "downloads")


def test_the_shop_passes_its_tests_without_the_live_side() -> None:
    database = f"{os.environ['DATABASE_URL']}_alone"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n0",
        "-p",
        "no:cacheprovider",
        "--ds=tests.shape.settings_shop_alone",
    ]

    run = subprocess.run(
        [*command, *(f"tests/shop/{part}" for part in PARTS)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
