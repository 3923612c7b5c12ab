"""What came of a rehearsal, in numbers: from the rows of the copy and from what the audience heard."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from config.local.rehearse.script import DropScript

Moment = tuple[float, int]  # seconds since 1970, and by how much something changed then

AUDIENCE: Final = "the audience itself"
OTHERS: Final = "other programs"

HOLDS: Final = """
    select h.shopper_id::text, h.quantity, extract(epoch from h.taken_at)::float8,
           extract(epoch from h.ended_at)::float8, h.ending, w.id is not null
    from shop_hold h left join shop_waiter w on w.hold_id = h.id where h.allotment_id = %s"""
WAITERS: Final = """
    select extract(epoch from w.joined_at)::float8,
           extract(epoch from coalesce(w.left_at, h.taken_at))::float8
    from shop_waiter w left join shop_hold h on h.id = w.hold_id where w.allotment_id = %s"""
ALLOTMENT: Final = """
    select a.id, extract(epoch from a.opens_at)::float8 from shop_allotment a
    join liveevents_drop d on d.allotment_id = a.id where d.id = %s"""
ORDERS: Final = "select count(*) filter (where state = 'paid'), count(*) from shop_order"


@dataclass(frozen=True)
class Times:
    """How long answers took, in milliseconds, and how many came with an error or not at all."""

    count: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    slowest_ms: float = 0.0
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many got no good answer."""
        return sum(self.errors.values())


@dataclass(frozen=True)
class DropFigures:
    """One drop of the rehearsal."""

    title: str
    pieces: int
    per_person: int
    hold_s: int
    planned_hold_s: int
    lasts_s: int
    opened_at: float
    sold_out_s: float | None
    people: int
    won: int
    refused: dict[str, int]
    unanswered: int
    joined_line: int
    longest_line: int
    served_by_line: int
    endings: dict[str, int]
    audience: str

    @property
    def sold(self) -> int:
        return self.endings.get("sold", 0)

    @property
    def empty_handed(self) -> int:
        """People who asked and never had a piece."""
        return max(0, self.people - self.won)

    @property
    def came_back(self) -> int:
        """Pieces that were let go or not paid in time, once or more often."""
        return sum(self.endings.get(why, 0) for why in ("let_go", "expired", "unpaid"))


@dataclass(frozen=True)
class Figures:
    """The whole rehearsal; `processors` is the share of this machine (0 to 1) that each part took while it ran."""

    address: str
    title: str
    viewers: int
    seconds: int
    ran_s: float
    followers: int
    drops: list[DropFigures]
    times: dict[str, Times]
    orders: int
    orders_paid: int
    paying_ms: Times
    troubles: dict[str, int]
    processors: dict[str, float]
    cores: int
    broken: list[str]

    @property
    def is_well(self) -> bool:
        """Nothing that must always be true was broken."""
        return not self.broken


def figures_of_drop(
    connection: psycopg.Connection[tuple[Any, ...]],
    script: DropScript,
    *,
    drop_id: int,
    slot: Mapping[str, Any],
    claims: Iterable[Mapping[str, Any]],
) -> DropFigures:
    """What the rows say of a drop, and what those who asked for it heard."""
    ((allotment_id, opens_at),) = connection.execute(ALLOTMENT, [drop_id]).fetchall()
    holds = connection.execute(HOLDS, [allotment_id]).fetchall()
    waits = connection.execute(WAITERS, [allotment_id]).fetchall()
    asked = [claim for claim in claims if claim["drop"] == str(drop_id)]
    endings: Counter[str] = Counter()
    for _, quantity, _, _, ending, _ in holds:
        endings[ending or "unfinished"] += quantity
    pieces = len(script.prices_minor)
    return DropFigures(
        title=script.drop["title"],
        pieces=pieces,
        per_person=script.allotment["per_person"],
        audience=script.allotment["audience"],
        hold_s=slot["hold_s"],
        planned_hold_s=script.allotment["hold_s"],
        lasts_s=slot["lasts_s"],
        opened_at=opens_at,
        sold_out_s=_sold_out_s(holds, pieces=pieces, opens_at=opens_at),
        people=len({claim["who"] for claim in asked}),
        won=len({shopper for shopper, *_ in holds}),
        refused=_last_words(asked),
        unanswered=sum(claim["outcome"] == "unknown" for claim in asked),
        joined_line=len(waits),
        longest_line=most_at_once((came, left) for came, left in waits),
        served_by_line=sum(is_from_line for *_, is_from_line in holds),
        endings=dict(endings),
    )


def times_of(answers: Sequence[tuple[int, float]]) -> Times:
    """From each answer's status (0: none came) and seconds."""
    took = sorted(1000 * seconds for _, seconds in answers)
    if not took:
        return Times()
    errors = Counter(str(status) if status else "no answer" for status, _ in answers if not 0 < status < 400)
    return Times(
        count=len(took),
        p50_ms=_ranked(took, 0.50),
        p95_ms=_ranked(took, 0.95),
        p99_ms=_ranked(took, 0.99),
        slowest_ms=took[-1],
        errors=dict(errors),
    )


def orders_in(connection: psycopg.Connection[tuple[Any, ...]]) -> tuple[int, int]:
    """How many orders were paid, and how many were placed."""
    ((paid, placed),) = connection.execute(ORDERS).fetchall()
    return paid, placed


def most_at_once(stays: Iterable[tuple[float, float | None]]) -> int:
    """How many there were when there were most; a stay without an end lasts."""
    moments: list[Moment] = []
    for came, left in stays:
        moments.append((came, 1))
        if left is not None:
            moments.append((left, -1))
    there = most = 0
    for _, change in sorted(moments):
        there += change
        most = max(most, there)
    return most


def _sold_out_s(holds: Iterable[tuple[Any, ...]], *, pieces: int, opens_at: float) -> float | None:
    """Seconds from the opening until every piece had an owner for the first time; None where that never was."""
    moments: list[Moment] = []
    for _, quantity, taken_at, ended_at, ending, _ in holds:
        moments.append((taken_at, quantity))
        if ended_at is not None and ending != "sold":
            moments.append((ended_at, -quantity))
    owned = 0
    for at, change in sorted(moments):
        owned += change
        if owned >= pieces:
            return at - opens_at
    return None


def _last_words(asked: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Why people were refused in the end; who got a piece at another try was not."""
    last: dict[str, Mapping[str, Any]] = {}
    for claim in asked:
        last[claim["who"]] = claim
    return dict(Counter(claim["code"] for claim in last.values() if claim["outcome"] == "refused").most_common())


def _ranked(ranked: Sequence[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
