"""How a show is going, in numbers that tick."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from liveevents.drops.now import DropNow, DropState
from liveevents.drops.queries import Sums
from liveevents.events.models import LiveEvent

KINDS = ("free", "held", "paying", "sold")


def figures(sums: Sums) -> dict[str, Any]:
    """The show as a whole."""
    return {**{kind: getattr(sums, kind) for kind in KINDS}, "money": sums.money.format()}


def state_of(event: LiveEvent, sums: Sums, drops: Sequence[DropNow]) -> dict[str, Any]:
    """The numbers by drop and together; `shape` changes when the page must be loaded again."""
    return {
        "version": max((int(drop.now.timestamp() * 1_000_000) for drop in drops), default=0),
        "shape": shape(event, drops),
        "figures": figures(sums),
        "drops": {str(drop.drop.pk): _numbers(drop) for drop in drops},
    }


def shape(event: LiveEvent, drops: Sequence[DropNow]) -> str:
    """What the page is made of, without the numbers."""
    return "|".join([event.state, *(f"{drop.drop.pk} {_phase(drop)} {_terms(drop)}" for drop in drops)])


def _phase(drop: DropNow) -> str:
    """The state, where open and sold out look alike to the creator."""
    return "running" if drop.is_running else drop.state


def _terms(drop: DropNow) -> str:
    """What can be changed, here or on another device of the creator."""
    return f"{drop.drop.allotment.closes_at} {drop.pieces} {drop.drop.offer.price_minor}"


def _numbers(drop: DropNow) -> dict[str, Any]:
    counts = {kind: getattr(drop.counts, kind) for kind in KINDS}
    return {**counts, "money": drop.taken.format(), "state": state_words()[drop.state], "ms_left": drop.ms_left}


def state_words() -> dict[DropState, str]:
    """What each state is called."""
    return {
        DropState.PLANNED: _("planned"),
        DropState.ANNOUNCED: _("announced"),
        DropState.OPEN: _("open"),
        DropState.SOLD_OUT: _("sold out"),
        DropState.OVER: _("over"),
    }
