"""The journey that proves the house, from an announced drop to a followed parcel, over HTTP."""

import subprocess
import sys

import pytest

from config.local.journey.chapters import drive
from config.local.place import ROOT
from config.local.stack import Stack
from config.local.world import World

pytestmark = pytest.mark.stack


def test_a_piece_is_claimed_paid_packed_and_followed(house: Stack, world: World) -> None:
    story = drive(world)

    print("\n".join(story.seen))  # noqa: T201 - pytest shows it where the journey fails later
    checked = subprocess.run(
        [sys.executable, "manage.py", "check_invariants"],
        cwd=ROOT,
        env=house.house.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "invariants hold" in checked.stdout
