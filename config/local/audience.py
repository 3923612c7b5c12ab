"""A handful of simulated viewers: they watch over HTTP, claim with human delays, and most of them pay."""

import random
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from config.local.crowd import BANK_ASKS_CARD, DECLINED_CARD, Habit, Person, somebody
from config.local.visitor import NotThere, Page, Visitor
from config.local.world import World

VIEWERS = 8
LOOKS = 40  # how often somebody looks before they close the page
STEADY_S = 10


def gather(base_url: str, *, store: str, stop: Event) -> None:
    """Let them watch in the background until `stop` is set. Each seat is taken by one person after the other."""
    world = World(base_url, sandbox_url="", secret_key="")
    for seat in range(VIEWERS):
        dice = random.Random()
        arguments = {"world": world, "store": store, "stop": stop, "dice": dice}
        Thread(target=_keep_seat, kwargs=arguments, name=f"seat-{seat}", daemon=True).start()


def _keep_seat(*, world: World, store: str, stop: Event, dice: random.Random) -> None:
    while not stop.is_set():
        viewer = Viewer(world, store, stop, dice, somebody(dice), world.visitor())
        try:
            viewer.watch()
        except (NotThere, OSError, HTTPException, ValueError, LookupError) as trouble:
            # The house may be starting, or a page is not what it was: told, and somebody else sits down.
            print(f"{viewer.person.name}: {type(trouble).__name__}: {trouble}", flush=True)
            stop.wait(STEADY_S)


@dataclass
class Viewer:
    """One person in front of the show's page."""

    world: World
    store: str
    stop: Event
    dice: random.Random
    person: Person
    browser: Visitor
    tried: set[str] = field(default_factory=set)

    def watch(self) -> None:
        """Look again and again; leave after one piece, or when nothing comes for long."""
        show = self.browser.get("/").link(f"/e/{self.store}/")
        self.browser.get(show)
        for _ in range(LOOKS):
            state = self.browser.get(f"{show}state/").json
            if state["held"]:
                self.think(2, 9)
                self.settle(show)
                return
            self.try_for_one(show, state["drops"])
            if self.think(3, 7):
                return

    def think(self, least_s: float, most_s: float) -> bool:
        """Take as long as a person does; whether the house stops."""
        return self.stop.wait(self.dice.uniform(least_s, most_s))

    def try_for_one(self, show: str, drops: dict[str, dict[str, Any]]) -> None:
        """Claim what is open, once; where it is sold out perhaps join the line."""
        for drop_id, drop in drops.items():
            if drop_id in self.tried or drop["ms_left"] is None:
                continue
            self.tried.add(drop_id)
            if self.think(0.5, 6):
                return
            answer = self._claim(drop_id)
            if answer.status == 409 and answer.json["code"] == "sold_out" and self.dice.random() < 0.4:
                self._join_line(show, drop_id)

    def settle(self, show: str) -> None:
        """Do with the held piece what this person does."""
        if self.person.habit == Habit.LETS_GO:
            self.browser.send(self.browser.get(show).form("/let-go/"))
        elif self.person.habit == Habit.FORGETS:
            self.think(20, 40)
        else:
            self.pay()

    def pay(self) -> None:
        """Check out and pay on Stripe's page, with whatever comes between."""
        order_url = self.world.check_out(self.browser, self.store, email=self.person.email, address=self.person.address)
        page = self.world.payment_page(self.browser, order_url)
        if self.think(4, 12) or self.person.habit == Habit.LEAVES_PAGE:
            return
        if self.person.habit == Habit.IS_DECLINED_FIRST:
            page = self._enter(page, DECLINED_CARD)
            self.think(4, 10)
        asked = self.person.habit == Habit.IS_ASKED_BY_BANK
        page = self._enter(page, BANK_ASKS_CARD if asked else self.person.card)
        if asked and not self.think(3, 8):
            self.browser.press(page.form("/3ds/"), "outcome", "complete")

    def _enter(self, page: Page, card: str) -> Page:
        return self.world.pay(self.browser, page, card=card, email=self.person.email)

    def _claim(self, drop_id: str) -> Page:
        return self.browser.send_json(f"/drops/{drop_id}/claim/", {"quantity": 1}, Idempotency_Key=str(uuid4()))

    def _join_line(self, show: str, drop_id: str) -> None:
        """Where the page still offers it: a piece may have come back meanwhile."""
        offered = [form for form in self.browser.get(show).forms if f"/drops/{drop_id}/line/" in form.action]
        if offered:
            self.browser.send(offered[0])
