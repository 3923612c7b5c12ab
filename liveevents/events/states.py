"""The life of a show."""

from django.db import models

from shop.core.states import Moves


class EventState(models.TextChoices):
    """DRAFT is seen by the team only; CANCELLED gave everybody their money back."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


EVENT_MOVES: Moves = {
    EventState.DRAFT: frozenset({EventState.SCHEDULED, EventState.LIVE, EventState.CANCELLED}),
    EventState.SCHEDULED: frozenset({EventState.DRAFT, EventState.LIVE, EventState.CANCELLED}),
    EventState.LIVE: frozenset({EventState.ENDED, EventState.CANCELLED}),
    EventState.ENDED: frozenset({EventState.CANCELLED}),
    EventState.CANCELLED: frozenset(),
}
