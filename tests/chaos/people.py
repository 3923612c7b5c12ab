"""The people of the chaos run: they claim, join the line, pay or walk away, and never despair of a house that is down.

`python -m tests.chaos.people` plays them in a process of its own: one line of JSON on its standard input is one drop
with the people who come for it; the end of the input sends them home.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, TypeVar

from config.local.asking import Wish, claim
from config.local.audience import TROUBLES
from config.local.crowd import DECLINED_CARD, Habit, Person, reaction_s, somebody
from config.local.diary import Deed, Diary
from config.local.journey.story import order_number
from config.local.say import Progress
from config.local.visitor import Page, Visitor
from config.local.world import World
from tests.chaos.history import DiaryOnDisk

Answer = TypeVar("Answer")

LATEST_REACTION_S: Final = 3.0
ARRIVE_WITHIN_S: Final = 15.0
INSIST_FOR_S: Final = 15.0
PAY_WITHIN_S: Final = 45.0
WAIT_IN_LINE_S: Final = 14.0
TRIES: Final = 4
AT_HOME_WITHIN_S: Final = 60.0

PRESSES_TWICE, ASKS_AGAIN, IS_GREEDY = 0.15, 0.3, 0.15
JOINS_LINE, NEVER_RETURNS = 0.4, 0.4


@dataclass(frozen=True)
class Rush:
    """A drop that opens, and how many people come for it."""

    drop: int
    opens_at: float
    per_person: int
    people: int
    dice: str

    def line(self) -> str:
        """What the people are told."""
        return json.dumps(asdict(self)) + "\n"


@dataclass
class Shopper:
    """One person with one browser, who wants something of one drop."""

    world: World
    store: str
    show: str
    rush: Rush
    dice: random.Random
    diary: Diary
    stop: Event
    person: Person = field(init=False)
    browser: Visitor = field(init=False)
    me: str = ""
    was_declined: bool = False

    def __post_init__(self) -> None:
        self.person, self.browser = somebody(self.dice), self.world.visitor()

    def come(self) -> None:
        """From the first look at the page to whatever becomes of it."""
        self.arrive()
        hold = self.claim_something()
        if hold:
            self.settle(hold)

    def arrive(self) -> None:
        """Open the page, which gives a browser its name. Raises NotThere, OSError."""

        def look() -> str:
            self.browser.get(self.show)
            names = [cookie.value or "" for cookie in self.browser.cookies if cookie.name == "shopper"]
            return names[0].strip('"').split(":")[0]

        self.me = self.insist(look, for_s=ARRIVE_WITHIN_S)

    def claim_something(self) -> int:
        """The hold of a claim or of the line's offer; 0 where there is none."""
        self.stop.wait(max(0.0, self.rush.opens_at + min(reaction_s(self.dice), LATEST_REACTION_S) - time.time()))
        wish = self._wish(self.dice.randint(1, self.rush.per_person))
        for _ in range(TRIES):
            page = self._press(wish)
            said = page.json if page else {}
            if page and page.status == 200:
                self._doubt(wish)
                return int(said["hold"])
            code = said.get("code", "")
            if code == "not_yet":
                self.stop.wait(said["ms_left"] / 1000)
            elif code == "too_few" and said.get("left"):
                wish = self._wish(said["left"])
            elif code == "sold_out" and self.dice.random() < JOINS_LINE:
                return self._wait_in_line()
            elif code == "sold_out":
                self.stop.wait(self.dice.uniform(0.8, 2.5))
                wish = self._wish(1)
            else:
                break
        return 0

    def settle(self, hold: int) -> None:
        """Do with the held piece what this person does."""
        if self.stop.wait(self.dice.uniform(0.2, 2)):
            return
        if self.person.habit == Habit.LETS_GO:
            form = self.insist(lambda: self.browser.get(self.show).form(f"/holds/{hold}/let-go/"))
            with self.diary.asking(self.me, Deed.LET_GO, about=str(hold)) as asked:
                asked.heard(self.browser.send(form).status, {})
        elif self.person.habit != Habit.FORGETS:
            self.pay()

    def pay(self) -> None:
        """Check out, and stay until the order is paid, is lost, or is left alone."""

        def check_out() -> str:
            return self.world.check_out(self.browser, self.store, email=self.person.email, address=self.person.address)

        order_url = self.insist(check_out)
        number = self.insist(lambda: order_number(self.browser.get(order_url)))
        give_up_at = time.time() + PAY_WITHIN_S
        with self.diary.asking(self.me, Deed.PAY, about=number) as asked:
            while time.time() < give_up_at and not self.stop.is_set():
                now = self._progress(order_url)
                if now.get("is_final"):
                    asked.heard(200 if now["stage"] == "paid" else 409, {"code": now["stage"]})
                    return
                if now.get("stage") == "open" and not self._visit_stripe(now["url"]):
                    return
                self.stop.wait(self.dice.uniform(0.4, 1))

    def insist(self, do: Callable[[], Answer], *, for_s: float = INSIST_FOR_S) -> Answer:
        """Do it, again and again while the house is in trouble. Raises the last trouble."""
        give_up_at = time.time() + for_s
        while True:
            try:
                return do()
            except TROUBLES:
                if time.time() > give_up_at or self.stop.wait(self.dice.uniform(0.3, 1)):
                    raise

    def _wish(self, quantity: int) -> Wish:
        return Wish(str(self.rush.drop), quantity)

    def _press(self, wish: Wish, browser: Visitor | None = None) -> Page | None:
        """One wish, by one finger; some fingers come down twice."""
        if browser is None and self.dice.random() < PRESSES_TWICE:
            Thread(target=self._press, args=(wish, self._second_tab()), daemon=True).start()
        return claim(browser or self.browser, wish, wait=self.stop.wait, diary=self.diary, who=self.me)

    def _second_tab(self) -> Visitor:
        """The same browser in another thread."""
        tab = self.world.visitor()
        for cookie in self.browser.cookies:
            tab.cookies.set_cookie(cookie)
        return tab

    def _doubt(self, wish: Wish) -> None:
        """Some ask again what they were told; some ask for more than they may have."""
        if self.dice.random() < ASKS_AGAIN:
            self._press(wish, self.browser)
        if self.dice.random() < IS_GREEDY:
            self._press(self._wish(self.rush.per_person), self.browser)

    def _wait_in_line(self) -> int:
        """Join, and look for an offer for a while; a piece may be free again meanwhile, then it is left to others."""

        def join() -> None:
            page = self.browser.get(self.show)
            forms = [form for form in page.forms if f"/drops/{self.rush.drop}/line/" in form.action]
            if forms:
                self.browser.send(forms[0])

        with suppress(*TROUBLES):
            self.insist(join, for_s=5)
        give_up_at = time.time() + WAIT_IN_LINE_S
        while time.time() < give_up_at and not self.stop.wait(self.dice.uniform(0.8, 1.4)):
            with suppress(*TROUBLES):
                if held := self.browser.get(f"{self.show}state/").json["held"]:
                    return int(held[0]["id"])
        return 0

    def _progress(self, order_url: str) -> dict[str, Any]:
        """Where the payment is; empty while nobody can say."""
        try:
            now = self.browser.get(f"{order_url}payment/").json
        except TROUBLES:
            return {}
        return now if isinstance(now, dict) else {}

    def _visit_stripe(self, url: str) -> bool:
        """Pay on Stripe's page, if it still asks for a card; False for who walks away from there."""
        if self.person.habit == Habit.LEAVES_PAGE:
            return False
        with suppress(*TROUBLES):
            page = self.browser.get(url)
            if "card_number" not in page.form().fields:
                return True
            is_first = self.person.habit == Habit.IS_DECLINED_FIRST and not self.was_declined
            self.was_declined = self.was_declined or is_first
            card = DECLINED_CARD if is_first else self.person.card
            page = self.world.pay(self.browser, page, card=card, email=self.person.email)
            if any("/3ds/" in form.action for form in page.forms):
                if self.dice.random() < NEVER_RETURNS:
                    return False
                self.browser.press(page.form("/3ds/"), "outcome", "complete")
        return True


def main() -> None:
    """Play everybody until the input ends, and then until they are at home, or it is late."""
    options = _parse()
    world, stop = World(options.base_url, sandbox_url="", secret_key=""), Event()
    diary = DiaryOnDisk(options.diary)
    threads = []
    for line in sys.stdin:
        rush = Rush(**json.loads(line))
        for seat in range(rush.people):
            dice = random.Random(f"{rush.dice} {seat}")
            shopper = Shopper(world, options.store, options.show, rush, dice, diary, stop)
            thread = Thread(target=_live, args=(shopper,), daemon=True)
            threads.append(thread)
            thread.start()
    home_by = time.monotonic() + AT_HOME_WITHIN_S
    for thread in threads:
        thread.join(max(0.0, home_by - time.monotonic()))
    stop.set()
    for thread in threads:
        thread.join(5)


def _live(shopper: Shopper) -> None:
    try:
        shopper.come()
    except TROUBLES as trouble:
        # The house was in trouble for longer than a person's patience: told, and they are gone.
        Progress(sys.stdout).line(f"{shopper.person.name}: {type(trouble).__name__}: {trouble}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.people", description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--show", required=True, help="the path of the show's page")
    parser.add_argument("--diary", required=True, type=Path, help="where they write down what they asked and heard")
    return parser.parse_args()


if __name__ == "__main__":
    main()
