"""Webhooks: hints that something happened. They are kept, then Stripe is asked what is true."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from shop.core.db import outside_transaction
from shop.payments import gateway
from shop.payments.gateway import StripeAway
from shop.payments.models import Attempt, Refund, WebhookEvent
from shop.payments.services.refunding import hear_of_refund
from shop.payments.services.talking import hear
from shop.payments.states import AttemptState


@transaction.atomic(durable=True)
def receive_webhook(*, payload: bytes, signature: str) -> None:
    """Keep what Stripe sent, once for each of its event ids; nothing else happens here. Raises ForgedWebhook."""
    hint = gateway.parse_webhook(payload, signature)
    event = WebhookEvent(id=hint.event_id, kind=hint.kind, subject=hint.subject)
    WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)


@outside_transaction
def handle_webhook(*, event_id: str, at: datetime) -> None:
    """Ask Stripe about the payment or refund that a webhook speaks of; one about anything else is done.

    The done-mark comes last: what is interrupted is handled again, and finds its work done. A try is counted
    before, so that one that crashes, or finds Stripe away, waits longer each time.
    """
    event = WebhookEvent.objects.get(pk=event_id)
    if event.done_at is not None:
        return
    row = WebhookEvent.objects.filter(pk=event_id)
    row.update(tries=F("tries") + 1)
    try:
        _look_into(event, at=at)
    except StripeAway as silence:
        row.update(last_error=str(silence))
    else:
        row.update(done_at=at, last_error="")


def _look_into(event: WebhookEvent, *, at: datetime) -> None:
    refund = _refund_behind(event)
    if refund:
        hear_of_refund(refund_id=refund.pk, at=at)
    attempt_id = _attempt_behind(event)
    if attempt_id and not _was_heard(attempt_id, since=event.received_at):
        hear(attempt_id=attempt_id, at=at)


def _was_heard(attempt_id: UUID, *, since: datetime) -> bool:
    """Whether Stripe would say nothing new: the attempt is paid, or Stripe answered since the webhook came.

    A payment has half a dozen webhooks within a second, and each question takes a turn. An attempt that ended unpaid is
    asked about each time: its money may come late.
    """
    attempt = Attempt.objects.get(pk=attempt_id)
    is_open = attempt.state in (AttemptState.OPEN, AttemptState.AUTHORISED) and not attempt.tries
    return attempt.state == AttemptState.PAID or (is_open and attempt.looked_at > since)


def _refund_behind(event: WebhookEvent) -> Refund | None:
    if not event.subject.startswith("re_"):
        return None
    return Refund.objects.filter(stripe_id=event.subject).first()


def _attempt_behind(event: WebhookEvent) -> UUID | None:
    """The attempt by the session or intent that is known; an intent that is not yet is looked up by its metadata."""
    if event.subject.startswith("cs_"):
        return Attempt.objects.filter(session_id=event.subject).values_list("pk", flat=True).first()
    if not event.subject.startswith("pi_"):
        return None
    known = Attempt.objects.filter(intent_id=event.subject).values_list("pk", flat=True).first()
    return known or _attempt_named_by(event.subject)


def _attempt_named_by(intent_id: str) -> UUID | None:
    named = gateway.attempt_of_intent(intent_id)
    return Attempt.objects.filter(pk=UUID(named)).values_list("pk", flat=True).first() if named else None
