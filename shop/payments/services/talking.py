"""Conversations with Stripe about one payment; each may be repeated, interrupted or held by two at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import F

from shop.core.db import outside_transaction
from shop.payments import gateway
from shop.payments.gateway import NotAsked, NotThere, StripeAway, StripeRefused
from shop.payments.models import Attempt
from shop.payments.queries import NEVER_OPENED
from shop.payments.seen import Seen, Status
from shop.payments.services.settling import apply
from shop.payments.states import AttemptState

log = structlog.get_logger(__name__)

Step = Callable[[Attempt], Seen]
MOST_STEPS = 4
NEXT_TURN = timedelta(seconds=1)


@outside_transaction
def talk(*, attempt_id: UUID, at: datetime) -> Attempt:
    """Bring an attempt as far as Stripe lets it come: open its page, hear how it goes, capture, void or end it.

    If Stripe is away the attempt stays as it is and is due again later; the caller need not do anything.
    """
    try:
        return hear(attempt_id=attempt_id, at=at)
    except StripeAway:
        return Attempt.objects.select_related("order").get(pk=attempt_id)


@outside_transaction
def talk_briefly(*, attempt_id: UUID, at: datetime) -> Attempt:
    """The same while a browser waits: whatever takes longer than a few seconds is left to the sweep."""
    with gateway.hurried():
        return talk(attempt_id=attempt_id, at=at)


@outside_transaction
def hear(*, attempt_id: UUID, at: datetime) -> Attempt:
    """The same for who must know that Stripe answered: a dead attempt is not due again. Raises StripeAway."""
    attempt = Attempt.objects.select_related("order").get(pk=attempt_id)
    try:
        return _converse(attempt, at=at)
    except StripeAway as silence:
        _put_off(attempt, silence, at=at)
        raise


def _put_off(attempt: Attempt, silence: StripeAway, *, at: datetime) -> None:
    """Due again later. Where Stripe was not asked for a page yet this was no try, after which there may be one."""
    log.warning("stripe_away", attempt=str(attempt.pk), silence=str(silence))
    row = Attempt.objects.filter(pk=attempt.pk)
    if isinstance(silence, NotAsked) and attempt.state == AttemptState.CREATED:
        row.update(looked_at=at + NEXT_TURN)
    else:
        row.update(tries=F("tries") + 1, looked_at=at)


def _converse(attempt: Attempt, *, at: datetime) -> Attempt:
    step = _first_step(attempt, at=at)
    for _ in range(MOST_STEPS):
        if step is None:
            break
        seen = _answer(step, attempt)
        attempt = apply(attempt_id=attempt.pk, seen=seen, at=at)
        step = _next_step(attempt, seen, at=at)
    return attempt


def _answer(step: Step, attempt: Attempt) -> Seen:
    """What Stripe says. That it will not open a page, or knows none, ends the attempt; no other refusal does."""
    try:
        return step(attempt)
    except StripeRefused as refusal:
        log.error("stripe_refused", attempt=str(attempt.pk), code=refusal.code)
        if attempt.session_id and not isinstance(refusal, NotThere):
            raise StripeAway(f"refused: {refusal.code}") from refusal
        return _dead(attempt, refusal.code)


def _first_step(attempt: Attempt, *, at: datetime) -> Step | None:
    if attempt.session_id:
        return _look
    if not attempt.is_live:
        return None
    return _find if _is_over(attempt, at=at) else _open


def _next_step(attempt: Attempt, seen: Seen, *, at: datetime) -> Step | None:
    """What Stripe's state and ours ask for; None where they agree."""
    if seen.status == Status.AUTHORISED:
        return gateway.capture if attempt.state == AttemptState.AUTHORISED else gateway.void
    if seen.status == Status.PAID and attempt.state != AttemptState.PAID:
        return gateway.give_back
    if seen.status == Status.WAITING and _is_over(attempt, at=at):
        return gateway.expire_session
    return None


def _is_over(attempt: Attempt, *, at: datetime) -> bool:
    """Whether a buyer who has not paid by now shall not pay any more."""
    return not attempt.is_live or attempt.end_asked_at is not None or attempt.ends_at <= at


def _open(attempt: Attempt) -> Seen:
    """Stripe's page for the attempt; after a failed try it may exist already."""
    found = gateway.find_session(attempt) if attempt.tries else None
    return found or gateway.create_session(attempt)


def _find(attempt: Attempt) -> Seen:
    """Stripe's page if a lost call made one, to be closed: it is too late to make one now.

    Nobody was given the address of a page that we never heard of, so it cannot be paid, and the attempt may end without
    Stripe's word: docs/decisions/0050-an-unseen-page-cannot-be-paid.md.
    """
    unseen = _dead(attempt, "" if attempt.end_asked_at else NEVER_OPENED)
    if not attempt.tries:
        return unseen
    try:
        return gateway.find_session(attempt) or unseen
    except StripeAway as silence:
        log.warning("stripe_away", attempt=str(attempt.pk), silence=str(silence))
        return unseen


def _look(attempt: Attempt) -> Seen:
    return gateway.read(attempt.session_id)


def _dead(attempt: Attempt, code: str) -> Seen:
    return Seen(status=Status.DEAD, amount=attempt.amount, decline_code=code)
