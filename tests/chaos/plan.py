"""What happens in a run: drop after drop, each with its misfortune. A seed repeats the plan, not the timing."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Fault = Mapping[str, object]

# What dies while a drop opens, as `misfortunes.py` does it.
DEATHS: Final = (
    "one web worker",
    "web",
    "worker",
    "beat",
    "live",
    "tick",
    "valkey",
    "postgres",
    "a backend of postgres",
    "every connection, ten times",
    "sandbox",
    "valkey and worker",
    "postgres and tick",
)
# What Stripe does meanwhile, see config/local/stripe/faults.py. Each strikes so often at most.
OPENING: Final = {"method": "POST", "path": "/v1/checkout/sessions"}
CAPTURE: Final = {"method": "POST", "path": "/v1/payment_intents/*/capture"}
TROUBLES: Final[Mapping[str, Sequence[Fault]]] = {
    "is slow": ({"kind": "slow", "seconds": 2.5, "count": 12},),
    "says everything twice": ({"kind": "twice", "count": 40},),
    "tells the end first": ({"kind": "reordered", "seconds": 1, "count": 40},),
    "loses its webhooks": ({"kind": "lost", "count": 40},),
    "is late with its webhooks": ({"kind": "late", "seconds": 6, "count": 40},),
    "fails after it made a page": ({"kind": "error_after", "count": 4, **OPENING},),
    "fails after it took the money": ({"kind": "error_after", "count": 4, **CAPTURE},),
    "does it and never answers": (
        {"kind": "timeout_after", "seconds": 12, "count": 1, **OPENING},
        {"kind": "timeout_after", "seconds": 12, "count": 1, **CAPTURE},
    ),
    "neither does it nor answers": (
        {"kind": "timeout_before", "seconds": 12, "count": 1, **OPENING},
        {"kind": "timeout_before", "seconds": 12, "count": 1, **CAPTURE},
    ),
    "has had enough calls": ({"kind": "rate_limited", "count": 8},),
}


@dataclass(frozen=True)
class Act:
    """One drop: its terms, who comes, what dies so many seconds after it opened, for how long, and Stripe's mood."""

    number: int
    death: str
    mood: str
    pieces: int
    per_person: int
    takes_fewer: bool
    people: int
    strikes_after_s: float
    lasts_s: float

    @property
    def faults(self) -> Sequence[Fault]:
        """What to order from the sandbox."""
        return TROUBLES[self.mood]


def plan(seed: int, *, acts: int | None = None) -> list[Act]:
    """Every death once, in another order for each seed; `acts` cuts it short, or goes round again."""
    dice = random.Random(seed)
    deaths, moods = _round(DEATHS, acts or len(DEATHS), dice), _round(list(TROUBLES), acts or len(DEATHS), dice)
    return [
        Act(
            number=number,
            death=death,
            mood=mood,
            pieces=dice.randint(10, 18),
            per_person=dice.choice((1, 1, 2, 3)),
            takes_fewer=dice.random() < 0.5,
            people=dice.randint(24, 36),
            strikes_after_s=dice.uniform(0.1, 1.2),
            lasts_s=dice.uniform(0.3, 3.5),
        )
        for number, (death, mood) in enumerate(zip(deaths, moods, strict=True), start=1)
    ]


def _round(names: Sequence[str], count: int, dice: random.Random) -> list[str]:
    """So many of them, shuffled, each round complete before the next begins."""
    drawn: list[str] = []
    while len(drawn) < count:
        drawn += dice.sample(names, len(names))
    return drawn[:count]
