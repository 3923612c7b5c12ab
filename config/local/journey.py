"""`python -m config.local.journey --base-url URL`: the main job of the house, driven from outside over HTTP.

A creator plans a drop, a guest claims a piece and pays for it, staff pack and ship it, the guest follows the parcel.
Beside them somebody lets a hold run out, one webhook comes twice, and one never comes. Prints one line of JSON.
"""

import argparse
import json
import re
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from config.local.visitor import NotThere, Page, Visitor
from config.local.world import World, buyer_address, wait_until

STORE = "saltware"
HOLD_S = 30
GRACE_S = 2
PIECES = 3
LEAD_S = 4
DECLINED, WITH_3DS, GOOD = "4000000000000002", "4000000000003220", "4242424242424242"


@dataclass
class Story:
    """What the people of the journey know while it lasts, and what was seen to be true."""

    world: World
    guest: Visitor
    sleeper: Visitor
    email: str
    seen: list[str] = field(default_factory=list)
    event_url: str = ""
    drop_id: str = ""
    piece: int = 0
    claimed_at: float = 0.0
    order_url: str = ""
    number: str = ""

    def saw(self, truth: str, is_true: object) -> None:
        """Note something that holds; the journey ends where it does not. Raises AssertionError."""
        if not is_true:
            raise AssertionError(truth)
        self.seen.append(truth)


def drive(base_url: str) -> Story:
    """The whole journey, in order; what was seen. Raises AssertionError where something is not as promised."""
    world = World.from_environment(base_url)
    story = Story(
        world=world, guest=world.visitor(), sleeper=world.visitor(), email=f"guest-{uuid4().hex[:8]}@example.com"
    )
    for chapter in CHAPTERS:
        chapter(story)
    return story


def plan_a_drop(story: Story) -> None:
    """The creator signs in by a code from the mail and announces a drop in the show that is live."""
    cora = story.world.sign_in("cora@stagedoor.example")
    live = _live_show(cora)
    story.event_url = live.link(f"/e/{STORE}/")
    drop_form = cora.get(live.link("/drops/new/")).form("/drops/new/")
    planned = cora.send(
        drop_form,
        title="Journey drop",
        price="19.00",
        pieces=str(PIECES),
        per_person="1",
        hold_s=str(HOLD_S),
        duration_s="120",
        variant=next(filter(None, drop_form.choices["variant"])),
    )
    opens_at = datetime.now(UTC) + timedelta(seconds=LEAD_S)
    announce = max(
        (form for form in planned.forms if "/schedule/" in form.action), key=lambda form: _drop_in(form.action)
    )
    told = cora.send(announce, opens_at=opens_at.strftime("%Y-%m-%dT%H:%M:%S"))
    story.drop_id = str(_drop_in(announce.action))
    story.saw("a creator signed in by mail, planned a drop and announced it", told.status == 200)


def claim_a_piece(story: Story) -> None:
    """The guest waits for the drop, is told "not yet" when early, claims one piece and may not have another."""
    page = story.guest.get(story.event_url)
    story.saw("the live page opens for a guest", page.status == 200 and "Journey drop" in page.text)
    early = _claim(story, story.guest)
    story.saw("a claim before the opening is told how long to wait", early.json["code"] == "not_yet")
    wait_until(lambda: _drop_state(story)["state"] == "open", "the drop opens")
    key = str(uuid4())
    first, again = _claim(story, story.guest, key), _claim(story, story.guest, key)
    story.claimed_at = time.monotonic()
    story.piece = first.json["numbers"][0]
    story.saw(f"piece {story.piece} of {PIECES} is held", first.status == 200)
    story.saw("the same request again gets the same piece", again.json["numbers"] == [story.piece])
    more = _claim(story, story.guest)
    story.saw("a second piece is over the limit", (more.status, more.json["code"]) == (409, "limit"))
    sleepy = _claim(story, story.sleeper)
    story.saw("another shopper holds a piece", sleepy.status == 200)
    story.saw("one piece is left", _drop_state(story)["left"] == PIECES - 2)


def add_a_file(story: Story) -> None:
    """The guest puts a digital product beside the piece."""
    product = story.guest.get(_digital_product(story))
    cart = story.guest.send(product.form("/cart/add/"))
    story.saw("a digital product lies in the cart", "/checkout/" in cart.text or cart.status == 200)


def check_out(story: Story) -> None:
    """The guest gives address and e-mail, is declined once, proves themselves to the bank, and has paid."""
    story.order_url = story.world.check_out(story.guest, STORE, email=story.email, address=buyer_address())
    story.number = _order_number(story.guest.get(story.order_url))
    story.world.fault(kind="twice", metadata={"order": story.number})
    page = story.world.payment_page(story.guest, story.order_url)
    declined = story.world.pay(story.guest, page, card=DECLINED, email=story.email)
    story.saw("a declined card is told so and may be tried again", "declined" in declined.text)
    bank = story.world.pay(story.guest, declined, card=WITH_3DS, email=story.email)
    back = story.guest.press(bank.form("/"), "outcome", "complete")
    story.saw("the bank sends the buyer back to the order", story.order_url in back.url)
    wait_until(lambda: _is_paid(story.guest, story.order_url), "the order is paid")
    order = story.guest.get(story.order_url)
    story.saw("the order page says paid", f"{story.piece} of {PIECES}" in order.text)


def fetch_the_file(story: Story) -> None:
    """The file downloads at once, whole and in part, and its address is no secret kept for ever."""
    wait_until(lambda: "/files/" in story.guest.get(story.order_url).text, "the file may be fetched")
    link = story.guest.get(story.order_url).link("/files/")
    whole, part = story.guest.get(link), story.guest.get(link, Range="bytes=0-99")
    story.saw("the file downloads", whole.status == 200 and len(whole.body) > 1000)
    story.saw("a part of it too", part.status == 206 and part.body == whole.body[:100])
    story.saw("nobody learns where it lies", "x-accel-redirect" not in whole.headers)


def pack_and_ship(story: Story) -> None:
    """Staff pack exactly what was bought and hand it to a carrier."""
    fred = story.world.sign_in("fred@stagedoor.example")
    wait_until(lambda: _to_pack(fred, story.number) is not None, "the parcel is on the desk")
    parcel = fred.get(_to_pack(fred, story.number) or "")
    packed = fred.tick_all(parcel.form("/pack/"))
    story.saw("the parcel is packed", "/ship/" in packed.text)
    shipped = fred.send(packed.form("/ship/"), carrier="dhl", tracking_number="00340434161094042557")
    story.saw("the parcel is handed to a carrier", shipped.status == 200)


def follow_the_parcel(story: Story) -> None:
    """The secret link tells carrier and number; a guessed one tells nothing."""
    page = story.world.visitor().get(story.order_url)
    story.saw("the tracking page shows carrier and number", "DHL" in page.text and "00340434161094042557" in page.text)
    stranger = story.world.visitor().get(story.order_url.rstrip("/")[:-4] + "AAAA/")
    story.saw("a guessed link is not found", stranger.status == 404)


def lose_a_webhook(story: Story) -> None:
    """Somebody pays, closes the browser, and Stripe's webhook is lost: the sweep finishes the order."""
    world, buyer, email = story.world, story.world.visitor(), f"quiet-{uuid4().hex[:8]}@example.com"
    buyer.send(buyer.get(_digital_product(story)).form("/cart/add/"))
    order_url = world.check_out(buyer, STORE, email=email)
    world.fault(kind="lost", metadata={"order": _order_number(buyer.get(order_url))})
    world.pay(buyer, world.payment_page(buyer, order_url), card=GOOD, email=email, follow=False)
    wait_until(lambda: len(world.mails(email)) == 1, "the sweep finishes the order whose webhook was lost", 20)
    story.saw("an order whose webhook never came was finished by the sweep", _is_paid(buyer, order_url))


def wake_the_sleeper(story: Story) -> None:
    """The hold that nobody paid ran out, and its piece came back."""
    left_s = story.claimed_at + HOLD_S + GRACE_S - time.monotonic()
    time.sleep(max(0.0, left_s))
    wait_until(lambda: _drop_state(story)["left"] == PIECES - 1, "the unpaid piece comes back", 5)
    story.saw("a hold that ran out gave its piece back", _drop_state(story)["left"] == PIECES - 1)


def read_the_mail(story: Story) -> None:
    """Each step wrote one letter, though the payment's webhooks came twice."""
    wait_until(lambda: len(story.world.mails(story.email)) >= 3, "the letters arrive", 15)
    subjects = sorted(story.world.mails(story.email))
    story.saw(f"each letter came once: {'; '.join(subjects)}", len(subjects) == len(set(subjects)) == 3)


CHAPTERS: tuple[Callable[[Story], None], ...] = (
    plan_a_drop,
    claim_a_piece,
    add_a_file,
    check_out,
    fetch_the_file,
    lose_a_webhook,
    pack_and_ship,
    follow_the_parcel,
    wake_the_sleeper,
    read_the_mail,
)


def _live_show(cora: Visitor) -> Page:
    """The studio's page of the show that is on air. Raises NotThere."""
    for link in dict.fromkeys(cora.get("/studio/").links):
        if re.search(r"/studio/\d+/$", link):
            page = cora.get(link)
            if any("/move/end/" in form.action for form in page.forms):
                return page
    raise NotThere("no show is live")


def _drop_in(url: str) -> int:
    return int(url.split("/drops/")[1].split("/")[0])


def _claim(story: Story, shopper: Visitor, key: str = "") -> Page:
    return shopper.send_json(f"/drops/{story.drop_id}/claim/", {"quantity": 1}, Idempotency_Key=key or str(uuid4()))


def _drop_state(story: Story) -> dict[str, Any]:
    state = story.guest.get(f"{story.event_url}state/").json
    return state["drops"].get(story.drop_id, {"state": "over", "left": None})  # type: ignore[no-any-return]


def _digital_product(story: Story) -> str:
    """The first product of the shelf that is a file. Raises NotThere."""
    products = story.world.visitor().get(f"/api/v1/stores/{STORE}/products/").json
    handle = next(one["handle"] for one in products if all(variant["is_digital"] for variant in one["variants"]))
    return f"/s/{STORE}/p/{handle}/"


def _order_number(page: Page) -> str:
    found = re.search(r"SD-[0-9A-Z]{4}-[0-9A-Z]{4}", page.text)
    if found is None:
        raise NotThere(f"no order number on {page.url} ({page.status})")
    return found[0]


def _is_paid(buyer: Visitor, order_url: str) -> bool:
    return bool(buyer.get(f"{order_url}payment/").json["stage"] == "paid")


def _to_pack(fred: Visitor, number: str) -> str | None:
    """The desk's page of the parcel with this order, if it is there."""
    desk = fred.get(f"/desk/{STORE}/to-pack/")
    parcels = (fred.get(link) for link in dict.fromkeys(desk.links) if re.search(r"/parcels?/\d+/$", link))
    return next((page.url for page in parcels if number in page.text), None)


def main() -> int:
    """Drive the journey and say in one line of JSON how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    began = time.monotonic()
    try:
        story = drive(parser.parse_args().base_url)
    except (AssertionError, OSError, LookupError, ValueError) as failure:
        traceback.print_exc()
        print(json.dumps({"ok": False, "failed": f"{type(failure).__name__}: {failure}", "seconds": _since(began)}))
        return 1
    print(json.dumps({"ok": True, "checked": story.seen, "seconds": _since(began)}))
    return 0


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)


if __name__ == "__main__":
    sys.exit(main())
