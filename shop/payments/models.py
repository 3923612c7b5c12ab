"""Attempts, refunds, the webhook inbox, and whose turn it is to call Stripe."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from shop.core.clock import DatabaseNow
from shop.core.money import Money
from shop.core.trace import LONGEST, request_id
from shop.orders.models import Order, OrderLine
from shop.payments.limits import Limit
from shop.payments.states import (
    ATTEMPT_MOVES,
    LIVE_ATTEMPTS,
    REFUND_MOVES,
    AttemptState,
    RefundState,
)
from shop.payments.times import OPENS_WITHIN


class Attempt(models.Model):
    """One try to pay an order; its id is the idempotency key at Stripe. An order has one live attempt at most."""

    moves: ClassVar = ATTEMPT_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    order = models.ForeignKey(Order, models.PROTECT, related_name="attempts")
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    captures_later = models.BooleanField(help_text="Authorised first: the order holds pieces.")
    queue = models.BigIntegerField(default=0, help_text="Its sale, or its store below zero: queues take turns.")
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.CREATED)
    session_id = models.CharField(max_length=120, blank=True)
    intent_id = models.CharField(max_length=120, blank=True)
    url = models.TextField(blank=True, help_text="Stripe's page, while the attempt is open.")
    fingerprint = models.CharField(max_length=40, blank=True, help_text="The card, as Stripe names it.")
    decline_code = models.CharField(max_length=60, blank=True, help_text="Why the bank or Stripe said no.")
    refused_for = models.CharField(max_length=20, choices=Limit, blank=True, help_text="Why we said no.")
    started_at = models.DateTimeField()
    pay_until = models.DateTimeField(help_text="When Stripe is told to end it, once its page was opened.")
    looked_at = models.DateTimeField(help_text="When Stripe was last asked.")
    tries = models.PositiveIntegerField(default=0, help_text="Conversations that failed since Stripe last answered.")
    ended_at = models.DateTimeField(null=True)
    end_asked_at = models.DateTimeField(null=True, help_text="When the buyer gave it up.")
    gave_time = models.BooleanField(default=False, help_text="Its end gave the holds more seconds than they had.")

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.UniqueConstraint("order", name="one_live_attempt_an_order", condition=Q(state__in=LIVE_ATTEMPTS)),
            models.UniqueConstraint("order", name="one_paid_attempt_an_order", condition=Q(state=AttemptState.PAID)),
            models.UniqueConstraint("session_id", name="one_attempt_a_session", condition=~Q(session_id="")),
            models.UniqueConstraint("intent_id", name="one_attempt_an_intent", condition=~Q(intent_id="")),
        ]
        indexes: ClassVar = [
            models.Index("looked_at", name="attempt_live", condition=Q(state__in=LIVE_ATTEMPTS)),
            models.Index("queue", "started_at", name="attempt_waiting", condition=Q(state=AttemptState.CREATED)),
            models.Index(
                "fingerprint",
                name="attempt_of_a_card",
                condition=Q(state__in=[AttemptState.AUTHORISED, AttemptState.PAID]) & ~Q(fingerprint=""),
            ),
        ]

    @property
    def amount(self) -> Money:
        """What is asked for."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_live(self) -> bool:
        """May still become paid."""
        return self.state in LIVE_ATTEMPTS

    @property
    def ends_at(self) -> datetime:
        """When it ends unpaid: a page may be paid until pay_until, and is waited for as long as OPENS_WITHIN."""
        return self.started_at + OPENS_WITHIN if self.state == AttemptState.CREATED else self.pay_until


class Refund(models.Model):
    """Money that goes back for some units of an order; its id is the idempotency key at Stripe."""

    moves: ClassVar = REFUND_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="refunds")
    amount_minor = models.PositiveBigIntegerField()
    shipping_minor = models.PositiveBigIntegerField(default=0, help_text="The part of the amount that is shipping.")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=RefundState, default=RefundState.ASKED)
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    stripe_id = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    asks = models.PositiveIntegerField(default=1, help_text="Each begins with a key of its own at Stripe.")
    looked_at = models.DateTimeField(help_text="When Stripe was last asked.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "shop"
        indexes: ClassVar = [
            models.Index("looked_at", name="refund_owed", condition=Q(state__in=[RefundState.ASKED, RefundState.SENT])),
        ]

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)


class RefundLine(models.Model):
    """So many units of an order line in a refund, and whether they come back."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField()
    comes_back = models.BooleanField()

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.UniqueConstraint("refund", "order_line", name="one_refund_line_a_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_refund_line_has_units"),
        ]


class WebhookEvent(models.Model):
    """What Stripe sent us, once for each of its event ids. A hint to look, never the truth."""

    id = models.CharField(primary_key=True, max_length=120)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, help_text="Stripe's id of the object that it is about.")
    request_id = models.CharField(max_length=LONGEST, default=request_id, blank=True)
    received_at = models.DateTimeField(db_default=DatabaseNow())
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        app_label = "shop"
        indexes: ClassVar = [models.Index("received_at", name="webhook_not_done", condition=Q(done_at=None))]


class Turn(models.Model):
    """When the next call of Stripe may leave: one row for the account, one for each endpoint."""

    name = models.CharField(primary_key=True, max_length=120)
    next_at = models.DateTimeField()

    class Meta:
        app_label = "shop"
