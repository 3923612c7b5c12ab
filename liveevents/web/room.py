"""What one person sees of a show right now: the page, its fragment and its JSON are made of this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Any
from uuid import UUID, uuid4

from django.db.models import prefetch_related_objects

from liveevents.drops.line import why_waiting
from liveevents.drops.now import DropNow, DropState
from liveevents.drops.queries import drops_on_stage
from liveevents.events.models import LiveEvent
from liveevents.web.waiting import why_state, why_words
from liveevents.web.words import then_words
from shop.accounts.models import Shopper
from shop.catalog.models import Picture
from shop.core.money import Money
from shop.stock.models import Audience, Hold
from shop.stock.queries import holds_of, ms_left
from shop.web.templatetags.stagedoor import clock_face, money

MOST_AT_ONCE = 10


class Act(StrEnum):
    """What the one button of a drop does for this person, or why it does nothing."""

    WAIT = "wait"
    CLAIM = "claim"
    PAY = "pay"
    HAS_ENOUGH = "has_enough"
    JOIN = "join"
    IN_LINE = "in_line"
    SIGN_IN = "sign_in"
    FOLLOW = "follow"


@dataclass(frozen=True)
class DropCard:
    """A drop that runs, or the next one, as the page shows it; `key` is the form's, so that two presses count once.

    `needs`: SIGN_IN or FOLLOW, where that has to come before this person may claim.
    """

    now: DropNow
    act: Act
    needs: Act | None
    picture: Picture | None
    key: UUID

    @property
    def why(self) -> str:
        """Why nobody in the line is being served, in words; empty where one may just claim."""
        why = why_waiting(self.now)
        return why_words(why) if why else ""

    @property
    def was(self) -> Money:
        """The shop's price."""
        return self.now.variant.price

    @property
    def hold_time(self) -> str:
        """How long a piece is held, as a clock's face."""
        return clock_face(self.now.drop.allotment.hold_s * 1000)

    @property
    def turn_time(self) -> str:
        """How long a turn in the line lasts, as a clock's face."""
        return clock_face(self.now.drop.allotment.offer_s * 1000)

    @property
    def then(self) -> str:
        """What the next pieces cost, in words."""
        return then_words(self.now)

    @property
    def quantities(self) -> range:
        """How many may be asked for at once."""
        return range(1, min(self.now.may_take, MOST_AT_ONCE) + 1)


@dataclass(frozen=True)
class Room:
    """A show with its drops and the holds of one person in its store."""

    event: LiveEvent
    now: datetime
    drops: Sequence[DropNow]
    holds: Sequence[Hold]
    is_signed_in: bool = False

    @property
    def follows(self) -> bool:
        """Whether the person follows the show's store."""
        return bool(self.event.follows)  # type: ignore[attr-defined]

    @property
    def running(self) -> list[DropNow]:
        """Drops whose window is open now."""
        return [drop for drop in self.drops if drop.is_running]

    @property
    def announced(self) -> list[DropNow]:
        """Drops with an hour to come, the next first."""
        ahead = [drop for drop in self.drops if drop.state == DropState.ANNOUNCED]
        return sorted(ahead, key=lambda drop: drop.ms_to_open or 0)

    @property
    def shown(self) -> list[DropNow]:
        """What has a card of its own: what runs, then what is announced."""
        return [*self.running, *self.announced]

    @property
    def past(self) -> list[DropNow]:
        """The last drops that are over, the latest first."""
        return [drop for drop in reversed(self.drops) if drop.is_over]

    @property
    def stays_s(self) -> float:
        """Seconds until one of them opens or closes by the clock; infinite where none will."""
        moves = [move for drop in self.shown for move in (drop.ms_to_open, drop.ms_left) if move is not None]
        return min(moves, default=inf) / 1000

    @property
    def shape(self) -> str:
        """Changes whenever more than numbers changed, and the fragment must be fetched again."""
        told = [_shape_of(drop) for drop in [*self.shown, *self.past]] + [
            f"h{hold.pk}{hold.pay_until is not None}" for hold in self.holds
        ]
        return "|".join([self.event.state, f"{self.follows}", *told])

    def act_on(self, drop: DropNow) -> Act:
        """What this person may do with a drop."""
        if not drop.is_running:
            return Act.WAIT
        if drop.place is not None:
            return Act.IN_LINE
        if drop.may_take:
            return self.needs(drop) or (Act.CLAIM if drop.state == DropState.OPEN else Act.JOIN)
        has_to_pay = any(hold.allotment_id == drop.drop.allotment_id for hold in self.holds)
        return Act.PAY if has_to_pay else Act.HAS_ENOUGH

    def needs(self, drop: DropNow) -> Act | None:
        """What has to come first for this person, as the claim itself will want it; None where nothing has."""
        match drop.drop.allotment.audience:
            case Audience.SIGNED_IN if not self.is_signed_in:
                return Act.SIGN_IN
            case Audience.FOLLOWERS if not self.follows:
                return Act.FOLLOW
        return None


def enter(*, event: LiveEvent, shopper: Shopper) -> Room:
    """The room for one person, of a show that public_event() found for them.

    Three queries, one more for an account's other browsers.
    """
    now: datetime = event.now  # type: ignore[attr-defined]
    drops = drops_on_stage(event=event, shopper=shopper)
    in_store = holds_of(shopper).filter(allotment__variant__product__store=event.store).prefetch_related(None)
    return Room(
        event=event,
        now=drops[-1].now if drops else now,
        drops=drops,
        holds=list(in_store),
        is_signed_in=shopper.user_id is not None,
    )


def enter_as_stranger(event: LiveEvent) -> Room:
    """The room for who has nothing in it, in one query."""
    now: datetime = event.now  # type: ignore[attr-defined]
    drops = drops_on_stage(event=event, shopper=Shopper())
    return Room(event=event, now=drops[-1].now if drops else now, drops=drops, holds=[])


def state(room: Room) -> dict[str, Any]:
    """The room as small JSON; `version` is the database's clock in microseconds, so it grows."""
    return {
        "version": int(room.now.timestamp() * 1_000_000),
        "shape": room.shape,
        "event": {"state": room.event.state},
        "drops": {str(drop.drop.pk): _numbers(drop) for drop in room.shown},
        "held": [_hold_state(hold, room.now) for hold in room.holds],
    }


def drop_cards(room: Room) -> list[DropCard]:
    """The cards, the first first; one query for the pictures."""
    products = [drop.product for drop in room.shown]
    prefetch_related_objects(products, "pictures")
    return [
        DropCard(
            now=drop,
            act=room.act_on(drop),
            needs=room.needs(drop),
            picture=next(iter(drop.product.pictures.all()), None),
            key=uuid4(),
        )
        for drop in room.shown
    ]


def _shape_of(drop: DropNow) -> str:
    """A drop without its ticking numbers."""
    window = f"{drop.drop.allotment.opens_at}/{drop.drop.allotment.closes_at}"
    return f"{drop.drop.pk} {drop.state} {window} {drop.may_take} {drop.place is None} {drop.takes_fewer}"


def _numbers(drop: DropNow) -> dict[str, Any]:
    """What ticks."""
    return {
        "state": drop.state,
        "left": drop.counts.free,
        "of": drop.pieces,
        "price": money(drop.price),
        "then": then_words(drop),
        "audience": drop.drop.allotment.audience,
        "ms_to_open": drop.ms_to_open,
        "ms_left": drop.ms_left,
        "place": drop.place,
        "why": why_state(why_waiting(drop)),
    }


def _hold_state(hold: Hold, now: datetime) -> dict[str, Any]:
    return {"id": hold.pk, "ms_left": ms_left(hold, at=now), "is_paying": hold.pay_until is not None}
