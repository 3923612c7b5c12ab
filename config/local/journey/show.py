"""The live side of the journey: a drop is announced, claimed, asked for wrongly, and over."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from config.local.journey.story import STORE, Story, digital_product
from config.local.visitor import Form, NotThere, Page, Visitor
from config.local.world import buyer_address, wait_until

PIECES: Final = 3
LEAD_S: Final = 6
HOLD_S: Final = 30
GRACE_S: Final = 2
WRONG_QUANTITIES: Final = (-1, 0, 10**9, "one", 1.5, True, None)


def plan_a_drop(story: Story) -> None:
    """The creator signs in by a code from the mail and announces a drop in the show that is live."""
    story.cora = story.world.sign_in("cora@stagedoor.example")
    studio = live_show(story.cora)
    story.event_url = studio.link(f"/e/{STORE}/")
    announce = plan(story.cora, studio)
    opens_at = datetime.now(UTC) + timedelta(seconds=LEAD_S)
    told = story.cora.send(announce, opens_at=opens_at.strftime("%Y-%m-%dT%H:%M:%S"))
    story.drop_id = str(drop_in(announce.action))
    story.saw("a creator signed in by mail, planned a drop and announced it", told.status == 200)


def wait_for_the_drop(story: Story) -> None:
    """The guest opens the live page, sees when it opens, and is told "not yet" when early."""
    page = story.guest.get(story.event_url)
    story.saw("the live page opens for a guest", page.status == 200 and "Journey drop" in page.text)
    early = story.claim(story.guest)
    story.saw("a claim before the opening is told how long to wait", refused(early, 409, "not_yet"))
    story.saw("that is a number of milliseconds", 0 < early.json["ms_left"] <= LEAD_S * 1000)
    wait_until(lambda: story.drop()["state"] == "open", "the drop opens")


def ask_wrongly(story: Story) -> None:
    """What nobody may ask for is refused, each by its own word, and nothing moves."""
    answers = [story.claim(story.guest, quantity=quantity) for quantity in WRONG_QUANTITIES]
    story.saw("-1, 0, 10^9 and what is no number are refused", all(refused(a, 400, "bad_quantity") for a in answers))
    nameless = story.claim(story.guest, key="not-a-uuid")
    story.saw("a claim without a key is refused", refused(nameless, 400, "no_key"))
    foreign = story.claim(story.guest, Sec_Fetch_Site="cross-site")
    story.saw("a claim from another site's page is refused", refused(foreign, 403, "not_from_here"))
    story.saw("none of that moved a piece", story.drop()["left"] == PIECES)


def claim_a_piece(story: Story) -> None:
    """The guest gets one piece, however often the same press is sent, and may not have another."""
    key = str(uuid4())
    first, again = story.claim(story.guest, key=key), story.claim(story.guest, key=key)
    story.claimed_at = time.monotonic()
    story.piece = first.json["numbers"][0]
    story.saw(f"piece {story.piece} of {PIECES} is held", first.status == 200)
    story.saw("the same request again gets the same piece", again.json["numbers"] == [story.piece])
    other = story.claim(story.guest, key=key, quantity=2)
    story.saw("its key with another body is refused", refused(other, 409, "key_reused"))
    more = story.claim(story.guest)
    story.saw("a second piece is over the limit", refused(more, 409, "limit"))
    tray = story.guest.get(story.event_url).text
    story.saw("the live page shows what is held", f"Piece {story.piece} of {PIECES}" in tray)
    story.saw("and two pieces that are left", story.drop()["left"] == PIECES - 1)


def fall_asleep(story: Story) -> None:
    """Another shopper holds a piece, puts a file beside it, opens the checkout, and does nothing more."""
    story.sleeper.get(story.event_url)
    held = story.claim(story.sleeper)
    story.saw("another shopper holds a piece", held.status == 200 and held.json["numbers"] != [story.piece])
    address, story.file_title = digital_product(story.world)
    story.sleeper.send(story.sleeper.get(address).form("/cart/add/"))
    story.unsent = story.sleeper.get(f"/s/{STORE}/checkout/").form("/checkout/")
    story.saw("one piece is left", story.drop()["left"] == PIECES - 2)


def wake_up(story: Story) -> None:
    """The hold that nobody paid has run out: its piece came back, and the checkout says so and keeps the rest."""
    time.sleep(max(0.0, story.claimed_at + HOLD_S + GRACE_S - time.monotonic()))
    wait_until(lambda: story.drop()["left"] == PIECES - 1, "the unpaid piece comes back")
    story.saw("a hold that ran out gave its piece back", story.drop()["left"] == PIECES - 1)
    told = story.sleeper.send(story.unsent, email="sleeper@example.com", **buyer_address())
    story.saw("a checkout with it is told so", told.status == 409 and "ran out" in told.text)
    cart = story.sleeper.get(f"/s/{STORE}/cart/").text
    story.saw("the rest of the cart stands", story.file_title in cart and "Piece " not in cart)


def end_the_drop(story: Story) -> None:
    """The creator ends the drop; whoever comes now is too late."""
    ending = live_show(story.cora).form(f"/drops/{story.drop_id}/end/")
    story.cora.send(ending)
    comes_late = story.world.visitor()
    comes_late.get(story.event_url)
    late = story.claim(comes_late)
    story.saw("a claim after the end is refused", refused(late, 409, "over"))


def live_show(cora: Visitor) -> Page:
    """The studio's page of the show that is on air. Raises NotThere."""
    for link in dict.fromkeys(cora.get("/studio/").links):
        if re.search(r"/studio/\d+/$", link):
            page = cora.get(link)
            if any("/move/end/" in form.action for form in page.forms):
                return page
    raise NotThere("no show is live")


def plan(cora: Visitor, studio: Page, *, title: str = "Journey drop", pieces: int = PIECES) -> Form:
    """Plan a drop of one piece a person in the show of this page; the form that announces it. Raises NotThere."""
    form = cora.get(studio.link("/drops/new/")).form("/drops/new/")
    planned = cora.send(
        form,
        title=title,
        price="19.00",
        pieces=str(pieces),
        per_person="1",
        hold_s=str(HOLD_S),
        duration_s="1800",
        variant=next(filter(None, form.choices["variant"])),
    )
    announcing = [form for form in planned.forms if "/schedule/" in form.action]
    if not announcing:
        raise NotThere(f"no drop was planned on {planned.url} ({planned.status})")
    return max(announcing, key=lambda form: drop_in(form.action))


def drop_in(url: str) -> int:
    """The drop that an address names."""
    return int(url.split("/drops/")[1].split("/")[0])


def refused(answer: Page, status: int, code: str) -> bool:
    """Whether it was refused by this word, and in a sentence too."""
    return answer.status == status and answer.json["code"] == code and bool(answer.json["message"])
