"""How payments stand, and what is owed to Stripe."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, Power, RowNumber

from shop.orders.models import Order
from shop.orders.states import OrderState
from shop.payments.limits import Limit
from shop.payments.models import Attempt, Refund, WebhookEvent
from shop.payments.states import LIVE_ATTEMPTS, AttemptState, RefundState
from shop.payments.times import OPENS_WITHIN
from shop.stores.models import Store

NEVER_OPENED = "never_opened"
Stage = Literal["starting", "open", "confirming", "ending", "failed", "paid", "lapsed", "cancelled"]
UNHEARD = timedelta(seconds=2)
REFUND_QUIET = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Progress:
    """Where the payment of an order is.

    starting: Stripe's page is waited for, and opened after those of `before_you` others; open: `url` is that page;
    confirming: the bank agreed, we take the money; ending: the buyer gave up, or was too late, and Stripe has not
    confirmed it yet; failed: it ended without money and may be tried again. `decline_code` says why the bank, Stripe or
    a Limit said no. Where `is_unheard`, Stripe did not answer when it was asked last, and is asked again soon.
    """

    stage: Stage
    url: str = ""
    decline_code: str = ""
    before_you: int = 0
    is_unheard: bool = False

    @property
    def is_final(self) -> bool:
        """Whether waiting is of no use any more."""
        return self.stage in ("failed", "paid", "lapsed", "cancelled")

    @property
    def needs_another_card(self) -> bool:
        """Whether the last card was refused, by its bank or by us."""
        return self.stage in ("open", "failed") and self.decline_code not in ("", NEVER_OPENED, Limit.ADDRESS)

    @property
    def may_be_tried_again(self) -> bool:
        """Whether paying is of use: no card buys more for an address that has all it may have."""
        return self.stage != "ending" and self.decline_code != Limit.ADDRESS


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
        return Progress("failed", decline_code=_why_not(attempt) if attempt else "")
    if attempt.state == AttemptState.AUTHORISED:
        return Progress("confirming")
    if attempt.end_asked_at or attempt.refused_for or attempt.ends_at <= at:
        return Progress("ending", decline_code=attempt.refused_for)
    if attempt.state == AttemptState.CREATED:
        return Progress("starting", before_you=_opened_before(attempt, at=at), is_unheard=attempt.tries > 0)
    return Progress("open", url=attempt.url, decline_code=attempt.decline_code, is_unheard=attempt.tries > 0)


def refunds_of(order: Order) -> QuerySet[Refund]:
    """An order's refunds with their lines, oldest first."""
    return Refund.objects.filter(attempt__order=order).prefetch_related("lines__order_line").order_by("asked_at")


def refunds_failed(store: Store) -> QuerySet[Refund]:
    """A store's refunds that need a person, newest first, with their orders."""
    failed = Refund.objects.filter(state=RefundState.FAILED, attempt__order__store=store)
    return failed.select_related("attempt__order").order_by("-ended_at")


def attempts_to_open(at: datetime) -> QuerySet[Attempt]:
    """Attempts whose page Stripe should be asked for now, in the order of their turns: the first of each queue in the
    order they started, then the second of each. So five buyers of a small sale never wait behind five hundred of a
    large one.
    """
    return _in_turn(Attempt.objects.filter(_waits_for_page(at), _is_rested(at), looked_at__lte=at))


def attempts_to_settle(at: datetime) -> QuerySet[Attempt]:
    """Of those that Stripe should be asked about now, all whose page is there, or shall not be opened any more."""
    return attempts_to_look_at(at, unheard=timedelta(0)).exclude(_waits_for_page(at))


def attempts_to_look_at(at: datetime, *, unheard: timedelta = UNHEARD) -> QuerySet[Attempt]:
    """Live attempts that Stripe should be asked about now, longest waiting first.

    Those that wait for us are due when nobody asked for `unheard`, those that wait for the buyer after
    PAYMENT_QUIET_S, when Stripe did not answer, or when their time is over; after n failed tries each waits 2ⁿ seconds,
    four minutes at most.
    """
    ours = Q(state__in=[AttemptState.CREATED, AttemptState.AUTHORISED], looked_at__lte=at - unheard)
    quiet = Q(looked_at__lte=at - timedelta(seconds=settings.PAYMENT_QUIET_S))
    late = Q(state=AttemptState.CREATED, started_at__lte=at - OPENS_WITHIN) | (
        ~Q(state=AttemptState.CREATED) & Q(pay_until__lte=at)
    )
    ending = late | Q(end_asked_at__isnull=False) | ~Q(refused_for="")
    due = ours | quiet | Q(tries__gt=0) | ending
    return Attempt.objects.filter(due, _is_rested(at), state__in=LIVE_ATTEMPTS).order_by("looked_at")


def webhooks_owed(at: datetime) -> QuerySet[WebhookEvent]:
    """Webhooks that nobody handled, oldest first; one that was tried n times waits 2ⁿ seconds from its arrival."""
    is_rested = Q(tries=0) | Q(received_at__lte=Value(at) - _doubling(F("tries"), most=20))
    return WebhookEvent.objects.filter(is_rested, done_at=None).order_by("received_at")


def refunds_owed(at: datetime, *, unheard: timedelta = UNHEARD) -> QuerySet[Refund]:
    """Refunds to tell Stripe of, or to ask Stripe about, longest waiting first."""
    fresh = Q(state=RefundState.ASKED, looked_at=F("asked_at"), asked_at__lte=at - unheard)
    again = Q(looked_at__lte=at - REFUND_QUIET)
    return Refund.objects.filter(fresh | again, state__in=[RefundState.ASKED, RefundState.SENT]).order_by("looked_at")


def _why_not(attempt: Attempt) -> str:
    return attempt.refused_for or attempt.decline_code


def _waits_for_page(at: datetime) -> Q:
    return Q(state=AttemptState.CREATED, end_asked_at=None, started_at__gt=at - OPENS_WITHIN)


def _in_turn(attempts: QuerySet[Attempt]) -> QuerySet[Attempt]:
    turn = Window(RowNumber(), partition_by=F("queue"), order_by=[F("started_at"), F("pk")])
    return attempts.annotate(turn=turn).order_by("turn", "started_at", "pk")


def _opened_before(attempt: Attempt, *, at: datetime) -> int:
    """How many pages are opened before this one, as attempts_to_open() goes. Two queries."""
    waiting = Attempt.objects.filter(_waits_for_page(at))
    earlier = Q(started_at__lt=attempt.started_at) | Q(started_at=attempt.started_at, pk__lt=attempt.pk)
    turn = waiting.filter(earlier, queue=attempt.queue).count() + 1
    return _in_turn(waiting).filter(Q(turn__lt=turn) | Q(earlier, turn=turn)).count()


def _is_rested(at: datetime) -> Q:
    """Whether an attempt waited long enough after its last failed try."""
    return Q(tries=0) | Q(looked_at__lte=Value(at) - _doubling(F("tries"), most=8))


def _doubling(tries: F, *, most: int) -> Combinable:
    """1 s · 2ⁿ for n tries, n counted up to `most`."""
    return ExpressionWrapper(Value(SECOND) * Power(2, Least(tries, most)), DurationField())
