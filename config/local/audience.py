"""A handful of simulated viewers: they watch over HTTP, claim with human delays, and most of them pay."""

import random
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Event, Thread
from typing import Any

from config.local.asking import Wish, claim
from config.local.crowd import DECLINED_CARD, SHARE_THAT_HEARD, Habit, Pace, Person, somebody
from config.local.diary import Deed, Diary, NoDiary
from config.local.visitor import NotThere, Page, Visitor
from config.local.world import World, is_paid, wait_until

VIEWERS = 8
LOOKS = 40  # how often somebody looks before they close the page
STEADY_S = 10
TROUBLES = (NotThere, OSError, HTTPException, ValueError, LookupError)


def gather(base_url: str, *, store: str, stop: Event, word: str = "") -> None:
    """Let them watch in the background until `stop` is set. Each seat is taken by one person after the other.

    Most of them hear the code word.
    """
    world = World(base_url, sandbox_url="", secret_key="")
    for seat in range(VIEWERS):
        dice = random.Random()
        arguments = {"world": world, "store": store, "stop": stop, "dice": dice, "word": word}
        Thread(target=_keep_seat, kwargs=arguments, name=f"seat-{seat}", daemon=True).start()


def _keep_seat(*, world: World, store: str, stop: Event, dice: random.Random, word: str) -> None:
    while not stop.is_set():
        heard = word if dice.random() < SHARE_THAT_HEARD else ""
        viewer = Viewer(world, store, stop, dice, somebody(dice), world.visitor(), word=heard)
        try:
            viewer.watch()
        except TROUBLES as trouble:
            # The house may be starting, or a page is not what it was: told, and somebody else sits down.
            print(f"{viewer.person.name}: {type(trouble).__name__}: {trouble}", flush=True)
            stop.wait(STEADY_S)


@dataclass
class Viewer:
    """One person in front of the show's page (`show` is its path; found from the home page where none is given)."""

    world: World
    store: str
    stop: Event
    dice: random.Random
    person: Person
    browser: Visitor
    tried: set[str] = field(default_factory=set)
    show: str = ""
    pace: Pace = field(default_factory=Pace)
    diary: Diary = field(default_factory=NoDiary)
    word: str = ""
    quantity: int = 1

    def watch(self) -> None:
        """Look again and again; leave after one piece, or when nothing comes for long."""
        show = self.show or self.browser.get("/").link(f"/e/{self.store}/")
        self.browser.get(show)
        for _ in range(LOOKS):
            state = self.browser.get(f"{show}state/").json
            if state["held"]:
                self.think(self.pace.decides)
                self.settle(show)
                return
            self.try_for_one(show, state["drops"])
            if self.think(self.pace.looks):
                return

    def think(self, between: tuple[float, float]) -> bool:
        """Take as long as a person does; whether the house stops."""
        return self.stop.wait(self.dice.uniform(*between))

    def try_for_one(self, show: str, drops: dict[str, dict[str, Any]]) -> None:
        """Claim what is open, once; where it is sold out perhaps join the line."""
        for drop_id, drop in drops.items():
            if drop_id in self.tried or drop["ms_left"] is None:
                continue
            self.tried.add(drop_id)
            if self.think(self.pace.reacts):
                return
            answer = self.claim(Wish(drop_id, self.quantity, self.word))
            is_sold_out = answer is not None and answer.status == 409 and answer.json["code"] == "sold_out"
            if is_sold_out and self.dice.random() < self.pace.share_that_waits:
                self.join_line(show, drop_id)

    def claim(self, wish: Wish) -> Page | None:
        """Ask until there is an answer; None where none came."""
        return claim(self.browser, wish, wait=self.stop.wait, diary=self.diary, who=self.person.email)

    def join_line(self, show: str, drop_id: str) -> None:
        """Where the page still offers it: a piece may have come back meanwhile."""
        offered = [form for form in self.browser.get(show).forms if f"/drops/{drop_id}/line/" in form.action]
        if offered:
            said = {"word": self.word} if "word" in offered[0].fields else {}
            with self.diary.asking(self.person.email, Deed.LINE, about=drop_id) as asked:
                asked.heard(self.browser.send(offered[0], **said).status, {})

    def settle(self, show: str) -> None:
        """Do with the held piece what this person does."""
        if self.person.habit == Habit.LETS_GO:
            with self.diary.asking(self.person.email, Deed.LET_GO) as asked:
                asked.heard(self.browser.send(self.browser.get(show).form("/let-go/")).status, {})
        elif self.person.habit == Habit.FORGETS:
            self.think(self.pace.forgets)
        else:
            self.pay()

    def pay(self) -> None:
        """Check out and pay on Stripe's page, with whatever comes between, until the order says that it is paid."""
        order_url = self._check_out()
        page = self.world.payment_page(self.browser, order_url)
        if self.think(self.pace.types) or self.person.habit == Habit.LEAVES_PAGE:
            return
        with self.diary.asking(self.person.email, Deed.PAY, about=order_url) as asked:
            self._go_through_with_it(page)
            wait_until(lambda: self.stop.is_set() or is_paid(self.browser, order_url), "the order is paid")
            if is_paid(self.browser, order_url):
                asked.heard(200, {"order": order_url})

    def _check_out(self) -> str:
        with self.diary.asking(self.person.email, Deed.CHECK_OUT) as asked:
            order_url = self.world.check_out(
                self.browser, self.store, email=self.person.email, address=self.person.address
            )
            asked.heard(200, {"order": order_url})
        return order_url

    def _go_through_with_it(self, page: Page) -> None:
        """The card, another card where the first is declined, and whatever the bank asks."""
        if self.person.habit == Habit.IS_DECLINED_FIRST:
            page = self._enter(page, DECLINED_CARD)
            self.think(self.pace.tries_again)
        page = self._enter(page, self.person.card)
        if self.person.habit == Habit.IS_ASKED_BY_BANK and not self.think(self.pace.proves):
            self.browser.press(page.form("/3ds/"), "outcome", "complete")

    def _enter(self, page: Page, card: str) -> Page:
        return self.world.pay(self.browser, page, card=card, email=self.person.email)
