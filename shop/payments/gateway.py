"""The door to Stripe, and the only file that knows its library: typed questions, frozen answers.

Every answer is the object's present state. A call whose outcome is unknown raises StripeAway and may be made again:
what creates something carries an idempotency key. What Stripe does once anyway (capture, cancel, expire, a refund of
the whole) carries none, because Stripe repeats its first answer to a key for a day, errors included. Every request,
repeated ones and further pages of a list included, takes its turn (pace.py).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import cache
from typing import Any

import stripe
from django.conf import settings
from stripe import RequestsClient, StripeClient
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParamsLineItem

from shop.core.errors import Invalid
from shop.core.money import Money
from shop.orders.models import Order, OrderLine
from shop.payments.amounts import from_stripe, to_stripe
from shop.payments.models import Attempt, Refund
from shop.payments.pace import NoTurn, wait_for_turn
from shop.payments.seen import Hint, RefundStatus, Seen, SeenRefund, Status
from shop.payments.times import SESSION_LASTS

MOST_ITEMS = 99  # Stripe takes a hundred, and one of them may be the shipping.
CLOCKS_DIFFER = timedelta(minutes=2)
WHOLE_INTENT = "payment_intent.latest_charge"


# A silent call ends its conversation, and the sweep asks again. A browser that waits is not kept so long: no call
# begins after HURRY_S, and none of them waits longer than that.
TIMEOUT_S, TURN_S, RETRIES = 8.0, 1.0, 1
HURRY_S, HURRIED_TURN_S = 2.0, 0.25
_hurries_until: ContextVar[float | None] = ContextVar("hurries_until", default=None)


class StripeAway(Exception):
    """No answer, or none that says what became of the call: look again later."""


class StripeFailed(StripeAway):
    """Stripe answered with an error of its own, which it repeats for a day to the same key."""


class NotAsked(StripeAway):
    """Nothing was asked: others have the next turns, or the time of whoever waits is over."""


class StripeRefused(Exception):
    """Stripe said a definite no; `code` is its reason."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class NotThere(StripeRefused):
    """Stripe has no object of that id."""


class ForgedWebhook(Invalid):
    """The signature is not Stripe's, or too old."""

    code = "forged_webhook"
    sentence = "This message was not signed by Stripe, or a long time ago."


@contextmanager
def hurried() -> Iterator[None]:
    """Somebody waits with a browser: what is not answered within about HURRY_S is left to the sweep."""
    token = _hurries_until.set(time.monotonic() + HURRY_S)
    try:
        yield
    finally:
        _hurries_until.reset(token)


def create_session(attempt: Attempt) -> Seen:
    """Open Stripe's payment page for an attempt; asking again finds the same one. Raises StripeAway, StripeRefused."""
    order, reference = attempt.order, str(attempt.pk)
    metadata = {"order": order.number, "attempt": reference}
    page = f"{settings.SITE_URL}/orders/{order.token}/"
    with _asking():
        session = _client().v1.checkout.sessions.create(
            {
                "mode": "payment",
                "payment_method_types": ["card"],
                "client_reference_id": reference,
                "customer_email": order.email,
                "line_items": _line_items(order),
                "metadata": metadata,
                "payment_intent_data": {
                    "capture_method": "manual" if attempt.captures_later else "automatic",
                    "metadata": metadata,
                },
                "expires_at": int((attempt.started_at + SESSION_LASTS).timestamp()),
                "success_url": f"{page}?paid=1",
                "cancel_url": f"{page}?back=1",
                "expand": [WHOLE_INTENT],
            },
            {"idempotency_key": reference},
        )
    return _seen(session)


def find_session(attempt: Attempt) -> Seen | None:
    """The page of an attempt whose creation was answered by silence or an error; None where there is none."""
    since = int((attempt.started_at - CLOCKS_DIFFER).timestamp())
    with _asking():
        sessions = _client().v1.checkout.sessions.list({"created": {"gte": since}, "limit": 100})
        for session in sessions.auto_paging_iter():
            if session.client_reference_id == str(attempt.pk):
                return read(session.id)
    return None


def read(session_id: str) -> Seen:
    """A payment's present state. Raises StripeAway, StripeRefused."""
    with _asking():
        return _seen(_client().v1.checkout.sessions.retrieve(session_id, {"expand": [WHOLE_INTENT]}))


def capture(attempt: Attempt) -> Seen:
    """Take the authorised money, or see why not. Raises StripeAway."""
    with _whatever_it_says():
        _client().v1.payment_intents.capture(attempt.intent_id)
    return read(attempt.session_id)


def void(attempt: Attempt) -> Seen:
    """Let the authorised money go, or see why not. Raises StripeAway."""
    with _whatever_it_says():
        _client().v1.payment_intents.cancel(attempt.intent_id)
    return read(attempt.session_id)


def expire_session(attempt: Attempt) -> Seen:
    """Close the payment page, or see what was faster. Raises StripeAway."""
    with _whatever_it_says():
        _client().v1.checkout.sessions.expire(attempt.session_id)
    return read(attempt.session_id)


def give_back(attempt: Attempt) -> Seen:
    """Return money that was taken and must not be kept. Raises StripeAway."""
    with _whatever_it_says():
        _client().v1.refunds.create({"payment_intent": attempt.intent_id, "metadata": {"attempt": str(attempt.pk)}})
    return read(attempt.session_id)


def refund(asked: Refund) -> SeenRefund:
    """Send money back; asking again finds the same refund. Raises StripeAway, StripeFailed, StripeRefused."""
    name = _refund_name(asked)
    with _asking():
        made = _client().v1.refunds.create(
            {
                "payment_intent": asked.attempt.intent_id,
                "amount": to_stripe(asked.amount),
                "metadata": {"refund": name, "order": asked.attempt.order.number},
            },
            {"idempotency_key": f"{name}:{asked.asks}"},
        )
    return _seen_refund(made)


def find_refund(asked: Refund) -> SeenRefund | None:
    """The refund of an ask that was answered by silence or an error; None where there is none."""
    with _asking():
        made = _client().v1.refunds.list({"payment_intent": asked.attempt.intent_id, "limit": 100})
        for one in made.auto_paging_iter():
            if _text(one.metadata, "refund") == _refund_name(asked):
                return _seen_refund(one)
    return None


def read_refund(stripe_id: str) -> SeenRefund:
    """A refund's present state. Raises StripeAway, StripeRefused."""
    with _asking():
        return _seen_refund(_client().v1.refunds.retrieve(stripe_id))


def attempt_of_intent(intent_id: str) -> str:
    """The attempt that a payment intent names in its metadata; empty where it is none of ours. Raises StripeAway."""
    try:
        with _asking():
            intent = _client().v1.payment_intents.retrieve(intent_id)
    except StripeRefused:
        return ""
    return _text(intent.metadata, "attempt")


def parse_webhook(payload: bytes, signature: str) -> Hint:
    """What a webhook says, its signature and age (five minutes at most) checked. Raises ForgedWebhook."""
    try:
        event = stripe.Webhook.construct_event(payload, signature, settings.STRIPE_WEBHOOK_SECRET)
        return Hint(event_id=str(event.id), kind=str(event.type), subject=_text(event.data.object, "id"))
    except (stripe.SignatureVerificationError, ValueError, AttributeError) as forged:
        # ValueError: no JSON, or no UTF-8; AttributeError: JSON that is no event.
        raise ForgedWebhook from forged


@contextmanager
def _asking() -> Iterator[None]:
    """Turns the library's errors into ours.

    409 is another request with the same key still under way; a wrong key or a missing permission says nothing about
    the payment either, and is repaired by whoever runs the shop.
    """
    try:
        yield
    except NoTurn as full:
        raise NotAsked(f"no turn: {full}") from full
    except stripe.InvalidRequestError as refusal:
        if refusal.code == "resource_missing":
            raise NotThere(refusal.code) from refusal
        raise StripeRefused(refusal.code or refusal.param or "invalid_request") from refusal
    except stripe.CardError as refusal:
        raise StripeRefused(refusal.code or "card_error") from refusal
    except stripe.StripeError as silence:
        said = f"{type(silence).__name__}: {silence.user_message or silence.http_status}"
        raise (StripeFailed if silence.http_status == 500 else StripeAway)(said) from silence


@contextmanager
def _whatever_it_says() -> Iterator[None]:
    """For calls after which the object is read anyway: a definite no is told by its state."""
    try:
        with _asking():
            yield
    except StripeRefused:
        return


class _PacedClient(RequestsClient):
    """Stripe's way over HTTP, each request of it in its turn."""

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:  # type: ignore[override]
        """Send one request. Raises NoTurn."""
        until = _hurries_until.get()
        if until is not None and time.monotonic() > until:
            raise NoTurn("in a hurry")
        wait_for_turn(method=method, url=url, most_s=TURN_S if until is None else HURRIED_TURN_S)
        return super().request(method, url, headers, post_data)


@cache
def _client_for(key: str, base: str, *, timeout_s: float, retries: int) -> StripeClient:
    http = _PacedClient(timeout=timeout_s)
    if not base:
        return StripeClient(key, max_network_retries=retries, http_client=http)
    return StripeClient(key, max_network_retries=retries, http_client=http, base_addresses={"api": base})


def _client() -> StripeClient:
    hurries = _hurries_until.get() is not None
    return _client_for(
        settings.STRIPE_SECRET_KEY,
        settings.STRIPE_API_BASE,
        timeout_s=HURRY_S if hurries else TIMEOUT_S,
        retries=0 if hurries else RETRIES,
    )


def _line_items(order: Order) -> list[SessionCreateParamsLineItem]:
    lines = order.lines.select_related("piece")
    items = [_item(_name(line), line.unit_price, line.quantity) for line in lines]
    if len(items) > MOST_ITEMS:
        items = [_item(order.number, order.items, 1)]
    if order.shipping:
        items.append(_item(order.shipping_name, order.shipping, 1))
    return items


def _item(name: str, price: Money, quantity: int) -> SessionCreateParamsLineItem:
    return {
        "quantity": quantity,
        "price_data": {
            "currency": price.currency.lower(),
            "unit_amount": to_stripe(price),
            "product_data": {"name": name[:250]},
        },
    }


def _name(line: OrderLine) -> str:
    number = f"No. {line.piece.number}" if line.piece else ""
    return ", ".join(part for part in (line.title, line.variant_title, number) if part)


def _seen(session: Session) -> Seen:
    intent = session.payment_intent if isinstance(session.payment_intent, stripe.PaymentIntent) else None
    charge = intent.latest_charge if intent and isinstance(intent.latest_charge, stripe.Charge) else None
    failure = intent.last_payment_error if intent else None
    details = charge.payment_method_details if charge else None
    return Seen(
        status=_status(session, intent, charge),
        amount=from_stripe(_amount(session, intent), (session.currency or "").upper()),
        session_id=session.id,
        intent_id=intent.id if intent else "",
        url=session.url or "",
        fingerprint=_text(getattr(details, "card", None), "fingerprint"),
        decline_code=_text(failure, "decline_code") or _text(failure, "code"),
    )


def _amount(session: Session, intent: stripe.PaymentIntent | None) -> int:
    """What came, or what could be taken, or what is asked for."""
    if intent and intent.status == "succeeded":
        return intent.amount_received
    if intent and intent.status == "requires_capture":
        return intent.amount_capturable
    return session.amount_total or 0


def _status(session: Session, intent: stripe.PaymentIntent | None, charge: stripe.Charge | None) -> Status:
    """The intent's word goes first: money that moved is a fact, whatever became of the page."""
    if intent and intent.status == "succeeded":
        return Status.DEAD if charge and charge.refunded else Status.PAID
    if intent and intent.status == "requires_capture":
        return Status.AUTHORISED
    if (intent and intent.status == "canceled") or session.status == "expired":
        return Status.DEAD
    return Status.WAITING


def _text(found: object, name: str) -> str:
    """A field that Stripe leaves out, or sends as null, where it has nothing to say."""
    return str(getattr(found, name, None) or "")


def _refund_name(asked: Refund) -> str:
    """What Stripe is told of us, by which a refund is found again: another one each time that a person asks for it."""
    return f"{asked.pk}:{int(asked.asked_at.timestamp())}"


def _seen_refund(made: stripe.Refund) -> SeenRefund:
    statuses = {"succeeded": RefundStatus.DONE, "failed": RefundStatus.FAILED, "canceled": RefundStatus.FAILED}
    return SeenRefund(made.id, statuses.get(made.status or "", RefundStatus.SENT), _text(made, "failure_reason"))
