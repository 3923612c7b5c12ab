"""How payments stand, and what is owed to Stripe."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, Power

from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.payments.models import Attempt, Refund, WebhookEvent
from shop.payments.states import LIVE_ATTEMPTS, AttemptState, RefundState
from shop.stores.models import Store

Stage = Literal["starting", "open", "confirming", "ending", "failed", "paid", "lapsed", "cancelled"]
UNHEARD = timedelta(seconds=2)
REFUND_QUIET = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Progress:
    """Where the payment of an order is.

    starting: Stripe is being asked for its page; open: `url` is that page; confirming: the bank agreed, we take the
    money; ending: the buyer gave up, or was too late, and Stripe has not confirmed it yet; failed: it ended without
    money (`decline_code` says why, where a bank said so) and may be tried again.
    """

    stage: Stage
    url: str = ""
    decline_code: str = ""

    @property
    def is_final(self) -> bool:
        """Whether waiting is of no use any more."""
        return self.stage in ("failed", "paid", "lapsed", "cancelled")


def attempt_of(order: Order) -> Attempt | None:
    """The order's newest attempt, which is the live or the paid one if there is any."""
    return order.attempts.order_by("-started_at", "-id").first()


def progress(order: Order, *, at: datetime) -> Progress:
    """What to tell whoever waits for this order's payment."""
    ends: dict[str, Stage] = {
        OrderState.PAID: "paid",
        OrderState.LAPSED: "lapsed",
        OrderState.CANCELLED: "cancelled",
    }
    if order.state in ends:
        return Progress(ends[order.state])
    attempt = attempt_of(order)
    if attempt is None or not attempt.is_live:
        return Progress("failed", decline_code=attempt.decline_code if attempt else "")
    if attempt.state == AttemptState.AUTHORISED:
        return Progress("confirming")
    if attempt.end_asked_at or attempt.pay_until <= at:
        return Progress("ending")
    if attempt.state == AttemptState.CREATED:
        return Progress("starting")
    return Progress("open", url=attempt.url, decline_code=attempt.decline_code)


def refunds_of(order: Order) -> QuerySet[Refund]:
    """An order's refunds with their lines, oldest first."""
    return Refund.objects.filter(attempt__order=order).prefetch_related("lines__order_line").order_by("asked_at")


def refunds_failed(store: Store) -> QuerySet[Refund]:
    """A store's refunds that need a person, newest first, with their orders."""
    failed = Refund.objects.filter(state=RefundState.FAILED, attempt__order__store=store)
    return failed.select_related("attempt__order").order_by("-ended_at")


def attempts_to_look_at(at: datetime, *, unheard: timedelta = UNHEARD) -> QuerySet[Attempt]:
    """Live attempts that Stripe should be asked about now, longest waiting first.

    Those that wait for us are due when nobody asked for `unheard`, those that wait for the buyer after
    PAYMENT_QUIET_S, or when their time is over; after n failed tries each waits 2ⁿ seconds, four minutes at most.
    """
    ours = Q(state__in=[AttemptState.CREATED, AttemptState.AUTHORISED], looked_at__lte=at - unheard)
    quiet = Q(looked_at__lte=at - timedelta(seconds=settings.PAYMENT_QUIET_S))
    ending = Q(pay_until__lte=at) | Q(end_asked_at__isnull=False)
    is_rested = Q(tries=0) | Q(looked_at__lte=Value(at) - _doubling(F("tries"), most=8))
    return Attempt.objects.filter(ours | quiet | ending, is_rested, state__in=LIVE_ATTEMPTS).order_by("looked_at")


def webhooks_owed(at: datetime) -> QuerySet[WebhookEvent]:
    """Webhooks that nobody handled, oldest first; one that was tried n times waits 2ⁿ seconds from its arrival."""
    is_rested = Q(tries=0) | Q(received_at__lte=Value(at) - _doubling(F("tries"), most=20))
    return WebhookEvent.objects.filter(is_rested, done_at=None).order_by("received_at")


def refunds_owed(at: datetime, *, unheard: timedelta = UNHEARD) -> QuerySet[Refund]:
    """Refunds to tell Stripe of, or to ask Stripe about, longest waiting first."""
    fresh = Q(state=RefundState.ASKED, looked_at=F("asked_at"), asked_at__lte=at - unheard)
    again = Q(looked_at__lte=at - REFUND_QUIET)
    return Refund.objects.filter(fresh | again, state__in=[RefundState.ASKED, RefundState.SENT]).order_by("looked_at")


def _doubling(tries: F, *, most: int) -> Combinable:
    """1 s · 2ⁿ for n tries, n counted up to `most`."""
    return ExpressionWrapper(Value(SECOND) * Power(2, Least(tries, most)), DurationField())
