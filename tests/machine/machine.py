"""A hypothesis machine: random lives of a sale, lived by the house and by the model, which agree at each step."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.machine.house import Cut, House, cut, reconnect
from tests.machine.model import SOLD, Asked, Sale

SHOPPERS = ("ada", "bea", "cleo", "dora")
ACCOUNTS = ("anne", "ben")
A_FEW = st.integers(1, 3)
PICK = st.integers(0, 7)


class Drop(RuleBasedStateMachine):
    """One sale from its opening to whatever end it takes."""

    @initialize(
        pieces=A_FEW,
        per_person=A_FEW,
        hold_s=st.sampled_from([5, 30]),
        offer_s=st.sampled_from([5, 60]),
        takes_fewer=st.booleans(),
        opens=st.sampled_from([0, 0, 0, 10]),
        closes=st.sampled_from([120, 900]),
    )
    def carve(self, **terms: Any) -> None:
        self.house = House(**terms)
        self.model = Sale(**terms)
        self.keys = 0
        self.asked: list[Asked] = []
        for browser in SHOPPERS[2:]:
            self.do("sign_in", browser, ACCOUNTS[0])

    def teardown(self) -> None:
        if hasattr(self, "house"):
            broken = self.house.broken(is_swept=False)
            self.house.forget()
            assert broken == {}

    @rule(shopper=st.sampled_from(SHOPPERS), quantity=A_FEW)
    def claim(self, shopper: str, quantity: int) -> None:
        self.do("claim", self.asks([(shopper, quantity)]))

    @rule(wanted=st.dictionaries(st.sampled_from(SHOPPERS), A_FEW, min_size=2))
    def claim_together(self, wanted: dict[str, int]) -> None:
        self.do("claim", self.asks(list(wanted.items())))

    @precondition(lambda self: self.asked)
    @rule(which=PICK, more=st.sampled_from([0, 0, 0, 1]))
    def ask_again(self, which: int, more: int) -> None:
        shopper, key, quantity = pick(self.asked, which)
        self.do("claim", [(shopper, key, quantity + more)])

    @precondition(lambda self: self.model.holds)
    @rule(which=PICK)
    def let_go(self, which: int) -> None:
        self.do("let_go", pick(list(self.model.holds), which))

    @rule(after_s=st.sampled_from([1, 5, 30, 62, 300]), is_swept=st.booleans())
    def wait(self, after_s: int, is_swept: bool) -> None:
        self.model.now += after_s
        self.house.tell(self.model.now)
        if is_swept:
            self.sweep()

    @precondition(lambda self: self.model.holds)
    @rule(which=PICK, after_s=st.integers(-1, 3), is_swept=st.booleans())
    def wait_for_an_end(self, which: int, after_s: int, is_swept: bool) -> None:
        """Around the end of a hold and of its grace, where the seconds count."""
        end = self.model.holds[pick(list(self.model.holds), which)].until + after_s
        if end > self.model.now:
            self.wait(after_s=end - self.model.now, is_swept=is_swept)

    @rule()
    def sweep(self) -> None:
        self.do("sweep")
        assert self.house.broken(is_swept=True) == {}

    @rule(shopper=st.sampled_from(SHOPPERS), wanted=A_FEW, takes_fewer=st.booleans())
    def join(self, shopper: str, wanted: int, takes_fewer: bool) -> None:
        self.do("join", shopper, wanted, takes_fewer)

    @rule(everybody=st.permutations(SHOPPERS))
    def line_up(self, everybody: list[str]) -> None:
        for shopper in everybody:
            self.join(shopper=shopper, wanted=1, takes_fewer=False)

    @rule(shopper=st.sampled_from(SHOPPERS))
    def leave(self, shopper: str) -> None:
        self.do("leave", shopper)

    @rule(shopper=st.sampled_from(SHOPPERS[:2]), account=st.sampled_from(ACCOUNTS))
    def sign_in(self, shopper: str, account: str) -> None:
        if self.model.accounts.get(shopper, account) == account:
            self.do("sign_in", shopper, account)

    @precondition(lambda self: self.model.holds)
    @rule(which=PICK)
    def pay(self, which: int) -> None:
        self.do("fence", self.basket(which))

    @precondition(lambda self: self.model.holds)
    @rule(which=PICK, least_s=st.sampled_from([0, 30]))
    def decline(self, which: int, least_s: int) -> None:
        self.do("unfence", self.basket(which), least_s)

    @precondition(lambda self: self.model.holds)
    @rule(which=PICK)
    def sell(self, which: int) -> None:
        self.do("sell", self.basket(which))

    @precondition(lambda self: SOLD in self.model.states.values())
    @rule(which=PICK, comes_back=st.booleans())
    def refund(self, which: int, comes_back: bool) -> None:
        sold = [number for number, state in self.model.states.items() if state == SOLD]
        self.do("take_back" if comes_back else "write_off", [pick(sold, which)])

    @precondition(lambda self: self.model.now > 30)
    @rule()
    def end(self) -> None:
        self.do("end")

    @rule(
        what=st.sampled_from(["claim", "join", "sweep", "let_go", "fence", "unfence", "sell", "end"]),
        shopper=st.sampled_from(SHOPPERS),
        which=PICK,
        at_statement=A_FEW,
        is_late=st.booleans(),
    )
    def crash(self, what: str, shopper: str, which: int, at_statement: int, is_late: bool) -> None:
        """The connection dies in the middle: all of it happened or nothing, and asking again tells the truth."""
        arguments = self.arguments(what, shopper, which)
        if arguments is None:
            return
        happened = deepcopy(self.model)
        getattr(happened, what)(*arguments)
        try:
            with cut(at_statement=at_statement, is_late=is_late):
                getattr(self.house, what)(*arguments)
        except Cut:
            reconnect(self.house)
        seen = self.house.seen()
        assert seen in (shown(self.model), shown(happened))
        if seen == shown(happened):
            self.model = happened
        if what == "claim":
            self.do(what, *arguments)

    def arguments(self, what: str, shopper: str, which: int) -> tuple[Any, ...] | None:
        """Something to do it with; None where there is nothing."""
        if what in ("sweep", "end"):
            return ()
        if what == "claim":
            return (self.asks([(shopper, which % 3 + 1)]),)
        if what == "join":
            return shopper, which % 3 + 1, which > 3
        if not self.model.holds:
            return None
        if what == "let_go":
            return (pick(list(self.model.holds), which),)
        return (self.basket(which), 30) if what == "unfence" else (self.basket(which),)

    def asks(self, wanted: Sequence[tuple[str, int]]) -> list[Asked]:
        """Each with a new key."""
        made = [(shopper, self.keys + number, quantity) for number, (shopper, quantity) in enumerate(wanted, start=1)]
        self.keys += len(made)
        self.asked += made
        return made

    def basket(self, which: int) -> list[int]:
        """One hold, and what else its shopper has that is like it."""
        holds = self.model.holds
        first = holds[pick(list(holds), which)]
        alike = (first.shopper, first.ending, first.kept_s is None)
        return [hold.name for hold in holds.values() if (hold.shopper, hold.ending, hold.kept_s is None) == alike]

    def do(self, what: str, *arguments: Any) -> None:
        """Both do it, say the same and look the same."""
        said, should_say = getattr(self.house, what)(*arguments), getattr(self.model, what)(*arguments)
        assert said == should_say, (what, arguments, said, should_say)
        seen, should_be = self.house.seen(), shown(self.model)
        assert seen == should_be, (what, arguments, seen, should_be)


def pick(among: Sequence[Any], which: int) -> Any:
    """One of them, the latest first."""
    return among[-1 - which % len(among)]


def shown(model: Sale) -> dict[str, object]:
    """The model, as House.seen() shows the house."""
    return {
        "pieces": {number: (state, model.owners[number]) for number, state in model.states.items()},
        "holds": {
            hold.name: (hold.shopper, hold.asked, hold.numbers, hold.until, hold.kept_s, hold.ending)
            for hold in model.holds.values()
        },
        "line": [(wait.shopper, wait.wanted, wait.served_by, wait.has_left) for wait in model.waits],
        "stock": model.stock,
    }
