"""The proof: each rule finds what contradicts it in the evidence, as sentences; nothing found is what we want.

Rules trust nobody alone. What clients were told is held against the rows, the rows against each other, and both
against Stripe's books. An unknown answer proves nothing by itself: whoever asked again with its key learned the truth.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from config.local.diary import Outcome
from tests.chaos.evidence import NEVER, Charged, Evidence, Owned, Sale, Tried
from tests.chaos.history import Asked

GRACE_S: Final = 2.0  # after the shown end of a hold
FRESH_S: Final = 2.0  # how soon a piece that came back is claimable
CLOCKS_S: Final = 0.05  # a claim reads the clock before it frees what is due; clients read another one
PAID: Final = ("paid", "cancelled")

Rule = Callable[[Evidence], Iterator[str]]
Owner = tuple[float, float, str]  # from, until, who


def faults(evidence: Evidence) -> dict[str, list[str]]:
    """What contradicts each rule, by the rule's sentence; empty when everything holds."""
    found = {rule.__doc__ or rule.__name__: list(rule(evidence)) for rule in RULES}
    return {sentence: wrong for sentence, wrong in found.items() if wrong}


def _one_owner(evidence: Evidence) -> Iterator[str]:
    """No piece has two owners at a time."""
    owners: dict[tuple[int, int], list[Owner]] = defaultdict(list)
    for own in evidence.owned:
        for number in own.numbers:
            until = NEVER if own.ending == "sold" else own.ended_at
            owners[own.drop, number].append((own.taken_at, until, f"hold {own.hold}"))
    yield from _overlaps(owners)


def _acknowledged_once(evidence: Evidence) -> Iterator[str]:
    """No number was acknowledged to two shoppers for the same moment."""
    gone = {gave.hold: gave.at for gave in evidence.seen.gave_back}
    owners: dict[tuple[int, int], list[Owner]] = defaultdict(list)
    for ask in _first_oks(evidence):
        until = min(ask.asked_at + ask.held_ms / 1000, gone.get(ask.hold, NEVER))
        for number in ask.numbers:
            owners[ask.drop, number].append((ask.heard_at, until, f"shopper {ask.shopper}"))
    yield from _overlaps(owners)


def _nothing_lost(evidence: Evidence) -> Iterator[str]:
    """Every piece that was acknowledged was kept for its shopper, for as long as was said."""
    rows = {own.hold: own for own in evidence.owned}
    gone = {(gave.hold, gave.shopper) for gave in evidence.seen.gave_back}
    for ask in _first_oks(evidence):
        own = rows.get(ask.hold)
        told = (ask.shopper, ask.key, ask.drop, ask.numbers)
        if own is None or (own.shopper, own.key, own.drop, own.numbers) != told:
            yield f"{ask} has no such hold, but {own}"
        elif own.ending == "expired" and own.ended_at < ask.asked_at + ask.held_ms / 1000 - CLOCKS_S:
            yield f"{own} ended before the {ask.held_ms} ms that {ask} was told"
        elif own.ending == "let_go" and (own.hold, own.shopper) not in gone:
            yield f"{own} was given back, and not by its shopper"


def _same_answer(evidence: Evidence) -> Iterator[str]:
    """The same key hears the same answer: the same pieces, or how their hold ended, and then for good."""
    by_key: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for ask in evidence.seen.asked:
        by_key[ask.shopper, ask.key].append(ask)
    for asks in by_key.values():
        if len({(ask.hold, ask.numbers) for ask in asks if ask.outcome == Outcome.OK}) > 1:
            yield f"two answers to one key: {asks}"
        for before, after in _pairs_in_order(asks):
            is_odd = before.outcome == Outcome.OK and after.outcome == Outcome.REFUSED and after.code != "hold_over"
            is_back = before.code == "hold_over" and after.outcome == Outcome.OK
            if is_odd or is_back:
                yield f"{before} was followed by {after}"


def _asked_for(evidence: Evidence) -> Iterator[str]:
    """Nobody holds what they did not ask for."""
    asked = {(ask.shopper, ask.key, ask.drop, ask.quantity) for ask in evidence.seen.asked}
    for own in evidence.owned:
        if not own.was_offered and (own.shopper, own.key, own.drop, own.asked) not in asked:
            yield f"nobody asked for {own}"


def _within_limit(evidence: Evidence) -> Iterator[str]:
    """Nobody ever had more pieces of a drop than a person may."""
    for sale in evidence.sales:
        persons: dict[str, list[Owned]] = defaultdict(list)
        for own in evidence.owned:
            if own.drop == sale.drop:
                persons[own.shopper].append(own)
        for shopper, holds in persons.items():
            most = _most_at_once([(own.taken_at, _claimable_at(own), len(own.numbers)) for own in holds])
            if most > sale.per_person:
                yield f"shopper {shopper} had {most} pieces of drop {sale.drop}, which gives {sale.per_person}: {holds}"


def _not_under_sold(evidence: Evidence) -> Iterator[str]:
    """Who heard "sold out" heard the truth: at some moment of the last two seconds no piece was to be had."""
    for sale in evidence.sales:
        refused = [ask for ask in evidence.seen.asked if ask.drop == sale.drop and ask.code == "sold_out"]
        full = _full_times(sale, [own for own in evidence.owned if own.drop == sale.drop])
        for ask in refused:
            if not any(start <= ask.heard_at and end >= ask.asked_at - FRESH_S for start, end in full):
                yield f"{ask}, but pieces were free all the time; none were in {full}"


def _sold_once(evidence: Evidence) -> Iterator[str]:
    """Each sold piece is in one paid order, and each piece of a paid order is sold."""
    buyers: dict[tuple[int, int], list[str]] = defaultdict(list)
    drops = {sale.drop for sale in evidence.sales}
    for order in evidence.bought:
        for piece in order.pieces if order.state == "paid" else ():
            buyers[piece].append(order.order)
    for piece, orders in buyers.items():
        if len(orders) > 1:
            yield f"piece {piece} is in the paid orders {orders}"
        if piece[0] in drops and piece not in evidence.sold:
            yield f"piece {piece} of the paid order {orders} is not sold"
    yield from (f"piece {piece} is sold, and in no paid order" for piece in evidence.sold if piece not in buyers)


def _paid_stays_paid(evidence: Evidence) -> Iterator[str]:
    """Every order that its buyer saw paid is paid."""
    states = {order.order: order.state for order in evidence.bought}
    for saw in evidence.seen.saw_paid:
        if states.get(saw.order) not in PAID:
            yield f"{saw}, and the order is {states.get(saw.order)}"


def _charged_for_something(evidence: Evidence) -> Iterator[str]:
    """Nobody was charged without an order that is theirs or a refund, to the cent; and every paid order was charged."""
    tried = {attempt.intent: attempt for attempt in evidence.tried if attempt.intent}
    orders = {order.order: order for order in evidence.bought}
    for charge in evidence.charged:
        attempt = tried.get(charge.intent)
        due, currency = _due(attempt)
        if (charge.received - charge.returned, charge.currency if due else currency) != (due, currency):
            yield f"{charge} should have brought {due} {currency}: {attempt}"
        if charge.status == "requires_capture":
            yield f"{charge} was authorised, and neither captured nor let go: {attempt}"
        if attempt and due and (orders[attempt.order].state, orders[attempt.order].total_minor) != ("paid", due):
            yield f"{charge} was paid for {orders[attempt.order]}"
    yield from _never_charged(evidence.tried, evidence.charged)
    yield from _paid_twice(evidence.tried)


def _nothing_left_over(evidence: Evidence) -> Iterator[str]:
    """Nothing is left over when all is quiet."""
    yield from (f"{what}: {count}" for what, count in evidence.left_over.items())


RULES: Final[tuple[Rule, ...]] = (
    _one_owner,
    _acknowledged_once,
    _nothing_lost,
    _same_answer,
    _asked_for,
    _within_limit,
    _not_under_sold,
    _sold_once,
    _paid_stays_paid,
    _charged_for_something,
    _nothing_left_over,
)


def _first_oks(evidence: Evidence) -> list[Asked]:
    """The first good answer that each key got."""
    first: dict[tuple[str, str], Asked] = {}
    for ask in sorted(evidence.seen.asked, key=lambda ask: ask.heard_at):
        if ask.outcome == Outcome.OK:
            first.setdefault((ask.shopper, ask.key), ask)
    return list(first.values())


def _overlaps(owners: dict[tuple[int, int], list[Owner]]) -> Iterator[str]:
    for (drop, number), spans in owners.items():
        for (_, until, one), (since, _, other) in pairwise(sorted(spans)):
            if since < until - CLOCKS_S:
                yield f"piece {number} of drop {drop} belonged to {one} until {until} and to {other} since {since}"


def _pairs_in_order(asks: Iterable[Asked]) -> Iterator[tuple[Asked, Asked]]:
    """Two asks of one key, the second made after the first was answered."""
    known = [ask for ask in asks if ask.outcome != Outcome.UNKNOWN]
    return ((one, other) for one in known for other in known if one.heard_at < other.asked_at)


def _claimable_at(own: Owned) -> float:
    """When the pieces of a hold could be had again: at its end, or as soon as a claim would have freed them."""
    if own.ending == "sold":
        return NEVER
    return min(own.ended_at, own.held_until + GRACE_S) if own.ending == "expired" else own.ended_at


def _most_at_once(spans: Iterable[tuple[float, float, int]]) -> int:
    """The most pieces at one moment; a span's end is no longer part of it."""
    steps = sorted(step for start, end, count in spans for step in ((start, 1, count), (end, 0, -count)))
    most = now = 0
    for _, _, change in steps:
        now += change
        most = max(most, now)
    return most


def _full_times(sale: Sale, owned: Sequence[Owned]) -> list[tuple[float, float]]:
    """From when until when every piece had an owner."""
    steps = sorted(
        step
        for own in owned
        for step in ((own.taken_at, 1, len(own.numbers)), (_claimable_at(own), 0, -len(own.numbers)))
    )
    full, taken, since = [], 0, NEVER
    for at, _, change in steps:
        before, taken = taken, taken + change
        if taken == sale.pieces:
            since = at
        elif before == sale.pieces:
            full.append((since, at))
    if taken == sale.pieces:
        full.append((since, NEVER))
    return full


def _due(attempt: Tried | None) -> tuple[int, str]:
    """What Stripe should hold for us because of an attempt."""
    if attempt is None or attempt.state != "paid":
        return 0, ""
    return attempt.amount_minor - attempt.refunded_minor, attempt.currency


def _never_charged(tried: Iterable[Tried], charged: Iterable[Charged]) -> Iterator[str]:
    intents = {charge.intent for charge in charged}
    for attempt in tried:
        if attempt.state == "paid" and attempt.amount_minor and attempt.intent not in intents:
            yield f"{attempt} was never charged"


def _paid_twice(tried: Iterable[Tried]) -> Iterator[str]:
    paid: dict[str, list[Tried]] = defaultdict(list)
    for attempt in tried:
        if attempt.state == "paid":
            paid[attempt.order].append(attempt)
    yield from (f"order {order} was paid twice: {both}" for order, both in paid.items() if len(both) > 1)
