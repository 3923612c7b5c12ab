"""The chapters in their order. What the sleeper waits for is filled with what the guest does."""

from collections.abc import Callable
from typing import Final

from config.local.journey import buying, parcel, show
from config.local.journey.story import Story
from config.local.world import World

Chapter = Callable[[Story], None]

BEGINNING: Final[tuple[Chapter, ...]] = (
    show.plan_a_drop,
    show.wait_for_the_drop,
    show.ask_wrongly,
    show.claim_a_piece,
    show.fall_asleep,
    buying.add_a_file,
    buying.check_out,
    buying.fetch_the_file,
    buying.lose_a_webhook,
    parcel.pack_and_ship,
    parcel.follow_the_parcel,
    buying.count_webhooks,
)
ENDING: Final[tuple[Chapter, ...]] = (show.wake_up, show.end_the_drop, parcel.read_the_mail)


def begin(world: World) -> Story:
    """From the plan of a drop to a parcel that is followed; meanwhile a hold runs out. Raises AssertionError."""
    story = Story.begin(world)
    for chapter in BEGINNING:
        chapter(story)
    return story


def end(story: Story) -> Story:
    """What the sleeper finds on waking up, the end of the drop, and the letters. Raises AssertionError."""
    for chapter in ENDING:
        chapter(story)
    return story
