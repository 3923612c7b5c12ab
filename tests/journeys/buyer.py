"""Somebody who buys, in a browser of their own, as a few words for a test."""

from dataclasses import dataclass, field
from uuid import uuid4

from config.local.journey.story import STORE, digital_product, order_number
from config.local.stripe.cards import own_card
from config.local.visitor import Page, Visitor
from config.local.world import World, buyer_address, is_paid, wait_until


@dataclass
class Buyer:
    """A guest with a card and a home of their own; `order_url` and `number` are known once they have checked out."""

    world: World
    browser: Visitor
    person: int = field(default_factory=lambda: uuid4().int % 10**6)
    email: str = field(default_factory=lambda: f"buyer-{uuid4().hex[:8]}@example.com")
    order_url: str = ""
    number: str = ""

    def takes_a_file(self) -> None:
        """A digital product goes into the cart."""
        address, _ = digital_product(self.world)
        self.browser.send(self.browser.get(address).form("/cart/add/"))

    def claims(self, drop_id: int) -> Page:
        """One piece of a drop, once a show's page has made the browser somebody."""
        self.browser.get(self.browser.get("/").link("/e/"))
        key = str(uuid4())
        return self.browser.send_json(f"/drops/{drop_id}/claim/", {"quantity": 1}, Idempotency_Key=key)

    def checks_out(self, *, to_berlin: bool = False) -> None:
        """The cart and what is held become an order."""
        address = {**buyer_address(), "line1": f"Karl-Marx-Allee {self.person}"} if to_berlin else None
        self.order_url = self.world.check_out(self.browser, STORE, email=self.email, address=address)
        self.number = order_number(self.browser.get(self.order_url))

    def pays(self, *, comes_back: bool = True) -> None:
        """With a good card, on Stripe's page; or closes the browser there."""
        page = self.world.payment_page(self.browser, self.order_url)
        self.world.pay(self.browser, page, card=own_card(self.person), email=self.email, follow=comes_back)

    def waits_until_it_is_paid(self) -> None:
        """The order's page says so, and the receipt was mailed."""
        wait_until(lambda: is_paid(self.browser, self.order_url), f"order {self.number} is paid")
        wait_until(lambda: self.mails, f"the receipt of order {self.number} arrives")

    def buys_a_file(self) -> None:
        """All of it."""
        self.takes_a_file()
        self.checks_out()
        self.pays()
        self.waits_until_it_is_paid()

    @property
    def mails(self) -> list[str]:
        """The subjects of the letters to this person, newest first."""
        return self.world.mails(self.email)
