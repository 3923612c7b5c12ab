"""What a sale should do, in plain Python and whole seconds: the rules of docs and conventions, not the SQL's text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

FREE, HELD, PAYING, SOLD, WITHDRAWN, WRITTEN_OFF = range(6)
GRACE_S = 2
SITS_OUT_S = 60

Asked = tuple[str, int, int]  # shopper, key, quantity
Verdict = tuple[str, tuple[int, ...] | None]


@dataclass
class Held:
    """A hold. `name` is the key of the claim, or a minus and the waiter's position from 1."""

    name: int
    shopper: str
    asked: int
    numbers: tuple[int, ...]
    until: int
    kept_s: int | None = None
    ending: str = ""

    @property
    def is_counting(self) -> bool:
        return not self.ending and self.kept_s is None


@dataclass
class Wait:
    """Somebody in the line."""

    shopper: str
    wanted: int
    takes_fewer: bool
    served_by: int | None = None
    has_left: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.served_by is None and not self.has_left


@dataclass
class Sale:
    """One sale, everybody in it and the clock."""

    pieces: int
    per_person: int
    hold_s: int
    offer_s: int
    takes_fewer: bool
    opens: int
    closes: int
    now: int = 0
    stock: int = 0
    has_ended: bool = False
    accounts: dict[str, str] = field(default_factory=dict)
    states: dict[int, int] = field(default_factory=dict)
    owners: dict[int, int | None] = field(default_factory=dict)
    holds: dict[int, Held] = field(default_factory=dict)
    waits: list[Wait] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = dict.fromkeys(range(1, self.pieces + 1), FREE)
        self.owners = dict.fromkeys(self.states)

    # What anybody may do. Each answers what the house should answer.

    def claim(self, asks: Sequence[Asked]) -> list[Verdict]:
        """Several asks that arrived together."""
        if not self._closed() and self._due():
            self._sweep()
        left, served, answers = len(self._free()), set[str](), list[Verdict | Asked]()
        gives: dict[int, int] = {}
        for ask in asks:
            shopper, key, quantity = ask
            refusal = self._refusal(ask, left, served)
            if isinstance(refusal, str):
                answers.append((refusal, None))
            elif refusal is not None:
                answers.append((refusal.ending or "held", refusal.numbers))
            else:
                gives[key] = min(quantity, left)
                left -= gives[key]
                served.add(self._person(shopper))
                answers.append(ask)
        return [self._give(answer, gives[answer[1]]) if len(answer) == 3 else answer for answer in answers]

    def join(self, shopper: str, wanted: int, takes_fewer: bool) -> tuple[str, int | None]:
        """Wait for pieces; the verdict and the place."""
        self._sweep()
        mine = next((wait for wait in self.waits if wait.is_waiting and self._is_same(wait.shopper, shopper)), None)
        if closed := self._closed():
            return closed, None
        if mine is None:
            if self._sits_until(shopper) > self.now:
                return "sits_out", None
            if wanted > self.per_person - self._owned(shopper):
                return "limit", None
            if len(self._free()) >= wanted:
                return "claimable", None
            mine = Wait(shopper, wanted, takes_fewer)
            self.waits.append(mine)
            self._place()
        waiting = [wait for wait in self.waits if wait.is_waiting]
        return "waiting", waiting.index(mine) + 1 if mine in waiting else 0

    def leave(self, shopper: str) -> bool:
        """Stop waiting, in every browser."""
        mine = [wait for wait in self.waits if wait.is_waiting and self._is_same(wait.shopper, shopper)]
        for wait in mine:
            wait.has_left = True
        return bool(mine)

    def sign_in(self, shopper: str, account: str) -> None:
        """A guest turns out to be somebody."""
        self.accounts.setdefault(shopper, account)

    def let_go(self, name: int) -> str:
        """Give a hold back."""
        hold = self.holds[name]
        answer = "being_paid" if hold.kept_s is not None else "done"
        if hold.is_counting:
            self._end_hold(hold, "let_go")
        self._place()
        return answer

    def fence(self, names: Sequence[int]) -> str:
        """Pay for several holds."""
        holds = [self.holds[name] for name in names]
        if not all(hold.is_counting and hold.until + GRACE_S > self.now for hold in holds):
            return "hold_expired"
        for hold in holds:
            hold.kept_s = max(0, hold.until - self.now)
            self._move(hold, PAYING)
        return "done"

    def unfence(self, names: Sequence[int], least_s: int) -> str:
        """The payment died."""
        for hold in [self.holds[name] for name in names]:
            if hold.kept_s is not None:
                left_s, hold.kept_s = max(hold.kept_s, least_s), None
                hold.until = self.now + left_s
                if left_s:
                    self._move(hold, HELD)
                else:
                    self._end_hold(hold, "unpaid")
        self._place()
        return "done"

    def sell(self, names: Sequence[int]) -> str:
        """The payment was authorised."""
        holds = [self.holds[name] for name in names]
        if any(hold.kept_s is None for hold in holds):
            return "gone"
        for hold in holds:
            hold.ending, hold.kept_s = "sold", None
            self._move(hold, SOLD)
        return "done"

    def take_back(self, numbers: Sequence[int]) -> int:
        """Refunded pieces come back."""
        back = self._out(numbers, FREE)
        self._place()
        return back

    def write_off(self, numbers: Sequence[int]) -> int:
        """Refunded pieces do not come back; who had them may have others."""
        gone = self._out(numbers, WRITTEN_OFF)
        self._place()
        return gone

    def sweep(self) -> int:
        """What tick does each second: holds first, then the end."""
        freed = self._sweep() if any(hold.is_counting and hold.until <= self.now for hold in self.holds.values()) else 0
        if self.now >= self.closes:
            self.end()
        return freed

    def end(self) -> bool:
        """The sale is over."""
        was_open, self.has_ended = not self.has_ended, True
        for wait in self.waits:
            wait.has_left |= wait.is_waiting and was_open
        self._place()
        return was_open

    # How it goes about it.

    def _refusal(self, ask: Asked, left: int, served: set[str]) -> str | Held | None:
        """Why not, or the hold that the key has; None where something is given."""
        shopper, key, quantity = ask
        old = self.holds.get(key)
        if old is not None and old.shopper == shopper:
            return old if old.asked == quantity else "key_reused"
        given = min(quantity, left)
        reasons = (
            (self._closed(), self._closed()),
            (self._sits_until(shopper) > self.now, "sits_out"),
            (self._person(shopper) in served, "again"),
            (quantity > self.per_person - self._owned(shopper), "limit"),
            (given == 0, "sold_out"),
            (given < quantity and not self.takes_fewer, "too_few"),
        )
        return next((reason for is_so, reason in reasons if is_so), None)

    def _give(self, ask: Asked, given: int) -> Verdict:
        shopper, key, quantity = ask
        hold = self._hold(key, shopper, quantity, given, self.hold_s)
        return "held", hold.numbers

    def _hold(self, name: int, shopper: str, asked: int, given: int, for_s: int) -> Held:
        numbers = tuple(self._free()[:given])
        hold = self.holds[name] = Held(name, shopper, asked, numbers, self.now + for_s)
        for number in numbers:
            self.states[number], self.owners[number] = HELD, name
        return hold

    def _sweep(self) -> int:
        freed = sum(self._end_hold(hold, "expired") for hold in self._due())
        self._place()
        return freed

    def _due(self) -> list[Held]:
        return [hold for hold in self.holds.values() if hold.is_counting and hold.until + GRACE_S <= self.now]

    def _place(self) -> None:
        """Free pieces go back to stock, or to the first they fit, or stay."""
        if self.has_ended:
            for number in self._free():
                self.states[number] = WITHDRAWN
                self.stock += 1
        elif self.now < self.closes:
            for position, wait in enumerate(self.waits, start=1):
                if wait.is_waiting:
                    self._offer(position, wait)

    def _offer(self, position: int, wait: Wait) -> None:
        given = min(wait.wanted, len(self._free()), self.per_person - self._owned(wait.shopper))
        if given == wait.wanted or (given > 0 and wait.takes_fewer):
            wait.served_by = self._hold(-position, wait.shopper, wait.wanted, given, self.offer_s).name

    def _end_hold(self, hold: Held, ending: str) -> int:
        hold.ending = ending
        return self._out(
            [number for number in hold.numbers if self.owners[number] == hold.name], FREE, of=(HELD, PAYING)
        )

    def _out(self, numbers: Sequence[int], state: int, of: Sequence[int] = (SOLD,)) -> int:
        out = [number for number in numbers if self.states[number] in of]
        for number in out:
            self.states[number], self.owners[number] = state, None
        return len(out)

    def _move(self, hold: Held, state: int) -> None:
        for number in hold.numbers:
            if self.owners[number] == hold.name:
                self.states[number] = state

    def _closed(self) -> str:
        if self.has_ended or self.now >= self.closes:
            return "over"
        return "not_yet" if self.now < self.opens else ""

    def _free(self) -> list[int]:
        return [number for number, state in self.states.items() if state == FREE]

    def _person(self, shopper: str) -> str:
        return self.accounts.get(shopper, shopper)

    def _is_same(self, one: str, other: str) -> bool:
        return self._person(one) == self._person(other)

    def _of_person(self, shopper: str) -> Iterator[Held]:
        return (hold for hold in self.holds.values() if self._is_same(hold.shopper, shopper))

    def _owned(self, shopper: str) -> int:
        return sum(
            self.owners[number] == hold.name and (self.states[number] > HELD or hold.until + GRACE_S > self.now)
            for hold in self._of_person(shopper)
            for number in hold.numbers
        )

    def _sits_until(self, shopper: str) -> int:
        """A minute from the second hold that was let run out, and from each one after it."""
        lapsed = [
            hold.until
            for hold in self._of_person(shopper)
            if hold.ending in ("expired", "unpaid") or (hold.is_counting and hold.until + GRACE_S <= self.now)
        ]
        return max(lapsed) + GRACE_S + SITS_OUT_S if len(lapsed) > 1 else 0
