"""The end of a run in a few lines: what was asked and heard, what was sold and paid, how late the sweep was."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from config.local.diary import Outcome
from config.local.say import Progress
from tests.chaos.checker import GRACE_S, RULES
from tests.chaos.evidence import Evidence
from tests.chaos.history import Asked
from tests.chaos.watch import Watch

MOST_SHOWN: Final = 8


def tell(evidence: Evidence, found: Mapping[str, Sequence[str]], *, watch: Watch, progress: Progress) -> None:
    """Print the figures, and each broken rule with its first rows."""
    for line in (*_asks(evidence.seen.asked), *_goods(evidence), *_money(evidence), *_looks(watch)):
        progress.line(f"  {line}")
    for rule, wrong in found.items():
        progress.line(f"\n  NOT TRUE: {rule}")
        for row in wrong[:MOST_SHOWN]:
            progress.line(f"    {row}")
        if len(wrong) > MOST_SHOWN:
            progress.line(f"    ... and {len(wrong) - MOST_SHOWN} more")
    progress.line(f"\n  {'FAILED' if found else f'{len(RULES)} rules hold: nothing sold twice, nothing lost'}")


def _asks(asked: Sequence[Asked]) -> list[str]:
    by_key: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for ask in asked:
        by_key[ask.shopper, ask.key].append(ask)
    outcomes = Counter(ask.outcome for ask in asked)
    codes = Counter(ask.code for ask in asked if ask.outcome == Outcome.REFUSED)
    shaken = [asks for asks in by_key.values() if any(ask.outcome == Outcome.UNKNOWN for ask in asks)]
    learned = [asks for asks in shaken if any(ask.outcome != Outcome.UNKNOWN for ask in asks)]
    named = ", ".join(f"{count} {code or 'without a word'}" for code, count in codes.most_common())
    return [
        f"{len(asked)} claims invoked under {len(by_key)} keys: {outcomes[Outcome.OK]} ok, "
        f"{outcomes[Outcome.REFUSED]} refused ({named}), {outcomes[Outcome.UNKNOWN]} unknown",
        f"{len(shaken)} keys got no answer at first, {len(learned)} of them learned the truth by asking again",
    ]


def _goods(evidence: Evidence) -> list[str]:
    endings = Counter(own.ending or "live" for own in evidence.owned)
    lags = sorted(own.ended_at - own.held_until - GRACE_S for own in evidence.owned if own.ending == "expired")
    late = f"; swept {lags[len(lags) // 2]:.1f} s after their time, {lags[-1]:.1f} s at most" if lags else ""
    offered = sum(own.was_offered for own in evidence.owned)
    return [
        f"{sum(sale.pieces for sale in evidence.sales)} pieces in {len(evidence.sales)} drops: "
        f"{len(evidence.sold)} sold; holds: {dict(endings)}, {offered} of them offered by the line{late}",
    ]


def _money(evidence: Evidence) -> list[str]:
    states = Counter(attempt.state for attempt in evidence.tried)
    paid = sum(attempt.amount_minor - attempt.refunded_minor for attempt in evidence.tried if attempt.state == "paid")
    kept = sum(charge.received - charge.returned for charge in evidence.charged)
    back = sum(charge.returned for charge in evidence.charged)
    return [
        f"payments: {dict(states)}; paid to us {paid / 100:.2f}, kept at Stripe {kept / 100:.2f}, "
        f"given back {back / 100:.2f}; {len(evidence.seen.saw_paid)} buyers saw their order paid",
    ]


def _looks(watch: Watch) -> list[str]:
    return [f"invariants looked at {watch.looks} times while it ran, {watch.in_vain} times the database was down"]
