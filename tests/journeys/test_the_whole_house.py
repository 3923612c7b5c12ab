"""The journey that proves the house, from an announced drop to a followed parcel, over HTTP."""

import subprocess
import sys

import pytest

from config.local.journey import chapters
from config.local.journey.story import Story
from config.local.place import ROOT
from config.local.stack import Stack
from config.local.world import World

pytestmark = pytest.mark.stack


@pytest.fixture(scope="session")
def story(world: World) -> Story:
    """The journey until the guest's parcel is on its way; a hold that nobody pays still runs."""
    return chapters.begin(world)


def test_a_piece_is_claimed_paid_packed_and_followed(story: Story) -> None:
    assert "the tracking page shows carrier and number" in story.seen
    assert "an order whose webhooks never came was finished by the sweep" in story.seen
    assert "every webhook about the payment came twice" in story.seen


def test_a_hold_that_nobody_pays_comes_back_and_each_letter_came_once(house: Stack, story: Story) -> None:
    """Comes last of all tests of the whole house, so that they fill the time that the hold lasts."""
    chapters.end(story)

    print("\n".join(story.seen))  # noqa: T201 - pytest shows it where the rest fails
    assert "a hold that ran out gave its piece back" in story.seen
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
