"""The chapters in their order. What the sleeper waits for is filled with what the guest does meanwhile."""

from collections.abc import Callable
from typing import Final

from config.local.journey import buying, parcel, show
from config.local.journey.story import Story
from config.local.world import World

CHAPTERS: Final[tuple[Callable[[Story], None], ...]] = (
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
    show.wake_up,
    show.end_the_drop,
    parcel.read_the_mail,
)


def drive(world: World) -> Story:
    """The whole journey; what was seen. Raises AssertionError where something is not as promised."""
    story = Story.begin(world)
    for chapter in CHAPTERS:
        chapter(story)
    return story
