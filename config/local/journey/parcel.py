"""The end of the journey: packed, shipped, followed, and told by mail once each."""

import re
from typing import Final

from config.local.journey.story import STORE, Story
from config.local.visitor import Visitor
from config.local.world import wait_until

TRACKING_NUMBER: Final = "00340434161094042557"
LETTERS: Final = ("Your order {number} from .+", "Your parcel from .+ is packed", "Your parcel from .+ is on its way")


def pack_and_ship(story: Story) -> None:
    """Staff pack exactly what was bought and hand it to a carrier."""
    fred = story.world.sign_in("fred@stagedoor.example")
    wait_until(lambda: parcel_with(fred, story.number), "the parcel is on the desk")
    parcel = fred.get(parcel_with(fred, story.number))
    story.saw("staff see which piece it is", f"Piece {story.piece} of" in parcel.text)
    unticked = fred.send(parcel.form("/pack/"))
    story.saw("a parcel is not packed before everything is ticked", "/ship/" not in unticked.text)
    packed = fred.tick_all(parcel.form("/pack/"))
    story.saw("the parcel is packed", "/ship/" in packed.text)
    shipped = fred.send(packed.form("/ship/"), carrier="dhl", tracking_number=TRACKING_NUMBER)
    story.saw("the parcel is handed to a carrier", shipped.status == 200 and "/deliver/" in shipped.text)


def follow_the_parcel(story: Story) -> None:
    """The secret link tells carrier and number; a guessed one tells nothing."""
    page = story.world.visitor().get(story.order_url)
    story.saw("the tracking page shows carrier and number", "DHL" in page.text and TRACKING_NUMBER in page.text)
    stranger = story.world.visitor().get(story.order_url.rstrip("/")[:-4] + "AAAA/")
    story.saw("a guessed link is not found", stranger.status == 404)


def read_the_mail(story: Story) -> None:
    """Each step wrote its one letter, though the payment's webhooks came twice."""
    patterns = [re.compile(letter.format(number=story.number)) for letter in LETTERS]
    wait_until(lambda: len(story.world.mails(story.email)) >= len(patterns), "the letters arrive")
    subjects = story.world.mails(story.email)
    once_each = all(sum(bool(one.fullmatch(subject)) for subject in subjects) == 1 for one in patterns)
    story.saw(f"each letter came once: {'; '.join(reversed(subjects))}", once_each and len(subjects) == len(patterns))


def parcel_with(fred: Visitor, number: str) -> str:
    """The desk's address of the parcel with this order; empty while it is not there."""
    desk = fred.get(f"/desk/{STORE}/to-pack/")
    parcels = (fred.get(link) for link in dict.fromkeys(desk.links) if re.search(r"/parcels/\d+/$", link))
    return next((page.url for page in parcels if number in page.text), "")
