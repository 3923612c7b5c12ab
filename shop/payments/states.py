"""The machines of a payment attempt and of a refund."""

from django.db import models

from shop.core.states import Moves


class AttemptState(models.TextChoices):
    """CREATED is known to us only, OPEN waits for the buyer at Stripe, AUTHORISED waits for our capture.

    From CREATED straight to PAID goes what costs nothing: Stripe never hears of it.
    """

    CREATED = "created"
    OPEN = "open"
    AUTHORISED = "authorised"
    PAID = "paid"
    DEAD = "dead"


LIVE_ATTEMPTS = (AttemptState.CREATED, AttemptState.OPEN, AttemptState.AUTHORISED)
ATTEMPT_MOVES: Moves = {
    AttemptState.CREATED: frozenset({AttemptState.OPEN, AttemptState.PAID, AttemptState.DEAD}),
    AttemptState.OPEN: frozenset({AttemptState.AUTHORISED, AttemptState.PAID, AttemptState.DEAD}),
    AttemptState.AUTHORISED: frozenset({AttemptState.PAID, AttemptState.DEAD}),
    AttemptState.PAID: frozenset(),
    AttemptState.DEAD: frozenset(),
}


class RefundState(models.TextChoices):
    """ASKED is decided by us; SENT is known to Stripe; FAILED needs a person."""

    ASKED = "asked"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


REFUND_MOVES: Moves = {
    RefundState.ASKED: frozenset({RefundState.SENT, RefundState.DONE, RefundState.FAILED}),
    RefundState.SENT: frozenset({RefundState.DONE, RefundState.FAILED}),
    RefundState.DONE: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset({RefundState.ASKED}),
}
