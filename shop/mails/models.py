"""Letters: written in the transaction of what they tell of, sent afterwards."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shop.core.clock import DatabaseNow
from shop.core.states import Moves
from shop.core.trace import LONGEST, request_id


class MailState(models.TextChoices):
    """SENDING for long means the sender died: the letter goes again, with the same Message-ID."""

    WRITTEN = "written"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


MAIL_MOVES: Moves = {
    MailState.WRITTEN: frozenset({MailState.SENDING}),
    MailState.SENDING: frozenset({MailState.SENT, MailState.WRITTEN, MailState.FAILED}),
    MailState.SENT: frozenset(),
    MailState.FAILED: frozenset({MailState.WRITTEN}),
}


class Mail(models.Model):
    """One letter to one person, once for its reference, such as "order.paid:17"."""

    moves: ClassVar = MAIL_MOVES

    reference = models.CharField(max_length=80, unique=True)
    message_id = models.CharField(max_length=120, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    request_id = models.CharField(max_length=LONGEST, default=request_id, blank=True)
    state = models.CharField(max_length=8, choices=MailState, default=MailState.WRITTEN)
    written_at = models.DateTimeField(db_default=DatabaseNow())
    next_try_at = models.DateTimeField(db_default=DatabaseNow())
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        app_label = "shop"
        indexes: ClassVar = [
            models.Index(
                "next_try_at", name="mail_owed", condition=Q(state__in=[MailState.WRITTEN, MailState.SENDING])
            ),
        ]
