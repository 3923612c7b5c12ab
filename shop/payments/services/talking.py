"""Conversations with Stripe about one payment; each may be repeated, interrupted or held by two at once."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import F

from shop.core.db import outside_transaction
from shop.payments import gateway
from shop.payments.gateway import Seen, Status, StripeAway, StripeRefused
from shop.payments.models import Attempt
from shop.payments.services.settling import apply
from shop.payments.states import AttemptState

log = structlog.get_logger(__name__)

MOST_STEPS = 4
NEVER_OPENED = "never_opened"


@outside_transaction
def talk(*, attempt_id: UUID, at: datetime) -> Attempt:
    """Bring an attempt as far as Stripe lets it come: open its page, hear how it goes, capture, void or end it.

    If Stripe is away the attempt stays as it is and is due again later; the caller need not do anything.
    """
    attempt = Attempt.objects.select_related("order").get(pk=attempt_id)
    try:
        return _converse(attempt, at=at)
    except StripeAway as silence:
        log.warning("stripe_away", attempt=str(attempt_id), silence=str(silence))
        Attempt.objects.filter(pk=attempt_id).update(tries=F("tries") + 1, looked_at=at)
        attempt.refresh_from_db()
        return attempt


def _converse(attempt: Attempt, *, at: datetime) -> Attempt:
    step: Callable[[Attempt], Seen] | None = _first_step(attempt, at=at)
    for _ in range(MOST_STEPS):
        if step is None:
            break
        seen = step(attempt)
        attempt = apply(attempt_id=attempt.pk, seen=seen, at=at)
        step = _next_step(attempt, seen, at=at)
    return attempt


def _first_step(attempt: Attempt, *, at: datetime) -> Callable[[Attempt], Seen] | None:
    if attempt.session_id:
        return _look
    if not attempt.is_live:
        return None
    return _find if _is_over(attempt, at=at) else _open


def _next_step(attempt: Attempt, seen: Seen, *, at: datetime) -> Callable[[Attempt], Seen] | None:
    """What Stripe's state and ours ask for; None where they agree."""
    is_taken = attempt.state in (AttemptState.AUTHORISED, AttemptState.PAID)
    if seen.status == Status.AUTHORISED:
        return gateway.capture if is_taken else gateway.void
    if seen.status == Status.PAID and not is_taken:
        return gateway.give_back
    if seen.status == Status.WAITING and _is_over(attempt, at=at):
        return gateway.expire_session
    return None


def _is_over(attempt: Attempt, *, at: datetime) -> bool:
    """Whether a buyer who has not paid by now shall not pay any more."""
    return not attempt.is_live or attempt.end_asked_at is not None or attempt.pay_until <= at


def _open(attempt: Attempt) -> Seen:
    """Stripe's page for the attempt. After a failed try it may exist already; a definite no is the attempt's end."""
    found = gateway.find_session(attempt) if attempt.tries else None
    try:
        return found or gateway.create_session(attempt)
    except StripeRefused as refusal:
        log.error("stripe_refused", attempt=str(attempt.pk), code=refusal.code)
        return _dead(attempt, refusal.code)


def _find(attempt: Attempt) -> Seen:
    """Stripe's page if a lost call made one; it is too late to make one now."""
    return gateway.find_session(attempt) or _dead(attempt, NEVER_OPENED)


def _look(attempt: Attempt) -> Seen:
    """The present state; a page that Stripe does not know is dead."""
    try:
        return gateway.read(attempt.session_id)
    except StripeRefused as refusal:
        log.error("stripe_refused", attempt=str(attempt.pk), code=refusal.code)
        return _dead(attempt, refusal.code)


def _dead(attempt: Attempt, code: str) -> Seen:
    return Seen(status=Status.DEAD, amount=attempt.amount, decline_code=code)
