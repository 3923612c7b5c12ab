"""What the people of the journey know while it lasts, and what was seen to be true."""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from config.local.visitor import Form, NotThere, Page, Visitor
from config.local.world import World

STORE: Final = "saltware"
ORDER_NUMBER = re.compile(r"SD-[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass
class Story:
    """One run of the journey. The guest buys; the sleeper lets a hold run out; Cora and Fred work."""

    world: World
    guest: Visitor
    sleeper: Visitor
    cora: Visitor
    email: str
    seen: list[str] = field(default_factory=list)
    event_url: str = ""
    drop_id: str = ""
    piece: int = 0
    claimed_at: float = 0.0
    order_url: str = ""
    number: str = ""
    file_title: str = ""
    unsent: Form = field(default_factory=Form)

    @classmethod
    def begin(cls, world: World) -> "Story":
        """Everybody before they did anything."""
        email = f"guest-{uuid4().hex[:8]}@example.com"
        return cls(world=world, guest=world.visitor(), sleeper=world.visitor(), cora=world.visitor(), email=email)

    def saw(self, truth: str, is_true: object) -> None:
        """Note something that holds; the journey ends where it does not. Raises AssertionError."""
        if not is_true:
            raise AssertionError(truth)
        self.seen.append(truth)

    def claim(self, shopper: Visitor, *, key: str = "", quantity: object = 1, **headers: str) -> Page:
        """Ask for pieces of the drop as the live page's script does."""
        headers = {"Idempotency_Key": key or str(uuid4()), **headers}
        return shopper.send_json(f"/drops/{self.drop_id}/claim/", {"quantity": quantity}, **headers)

    def drop(self) -> dict[str, Any]:
        """How the drop stands, as the live page's numbers say."""
        state = self.guest.get(f"{self.event_url}state/").json
        return state["drops"].get(self.drop_id, {"state": "over", "left": None})  # type: ignore[no-any-return]


def digital_product(world: World) -> tuple[str, str]:
    """Address and title of the first product of the shelf that is a file. Raises NotThere."""
    for product in world.visitor().get(f"/api/v1/stores/{STORE}/products/").json:
        if all(variant["is_digital"] for variant in product["variants"]):
            return f"/s/{STORE}/p/{product['handle']}/", str(product["title"])
    raise NotThere("nothing on the shelf is a file")


def order_number(page: Page) -> str:
    """The number of the order that a page is about. Raises NotThere."""
    found = ORDER_NUMBER.search(page.text)
    if found is None:
        raise NotThere(f"no order number on {page.url} ({page.status})")
    return found[0]
