"""Webhooks are hints: kept once, believed never, and not needed."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.conf import settings

from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.facts import Fact
from shop.core.money import Money
from shop.ledger.queries import balance
from shop.orders.models import Order
from shop.payments.gateway import ForgedWebhook
from shop.payments.models import Attempt, Refund, WebhookEvent
from shop.payments.queries import attempts_to_look_at, webhooks_owed
from shop.payments.services import handle_webhook, receive_webhook, refund, send_refund, talk
from shop.payments.states import AttemptState, RefundState
from shop.stores.models import Store
from tests import make
from tests.fakes import REFUND_FAILS, Sandbox

COMPLETED = "checkout.session.completed"


@pytest.fixture
def order(vera: Shopper, store: Store) -> Order:
    """One numbered piece, held and checked out."""
    make.hold(vera, make.allotment(make.variant(make.product(store), stock=3), pieces=3))
    return make.order(vera, store)


def signed(payload: bytes, *, age_s: int = 0, secret: str | None = None) -> str:
    """The header that Stripe would send (v1 of its scheme: HMAC-SHA256 of "t.payload")."""
    sent_at = int(clock.now().timestamp()) - age_s
    key = (secret or settings.STRIPE_WEBHOOK_SECRET).encode()
    digest = hmac.new(key, f"{sent_at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={sent_at},v1={digest}"


def deliver(event: Mapping[str, object]) -> str:
    """Stripe's POST; the event's id."""
    payload = json.dumps(event).encode()
    receive_webhook(payload=payload, signature=signed(payload))
    return str(event["id"])


def paid_at_stripe(order: Order, sandbox: Sandbox) -> Attempt:
    """The buyer paid, and we have not heard of it."""
    attempt = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    sandbox.pay(attempt.url)
    return attempt


def is_paid(order: Order) -> bool:
    order.refresh_from_db()
    return order.is_paid


def test_a_webhook_alone_finishes_the_order(order: Order, sandbox: Sandbox) -> None:
    paid_at_stripe(order, sandbox)

    event_id = deliver(sandbox.events(COMPLETED)[0])
    assert not is_paid(order)
    handle_webhook(event_id=event_id, at=clock.now())

    assert is_paid(order)
    assert not webhooks_owed(clock.now() + timedelta(days=1)).exists()


def test_a_webhook_that_comes_twice_is_one_row_with_one_effect(order: Order, sandbox: Sandbox) -> None:
    paid_at_stripe(order, sandbox)
    event = sandbox.events(COMPLETED)[0]

    for _ in range(2):
        handle_webhook(event_id=deliver(event), at=clock.now())

    assert WebhookEvent.objects.count() == 1
    assert Fact.objects.filter(kind="order.paid").count() == 1
    assert balance("stripe", "EUR") == Money(1490, "EUR")


def test_webhooks_in_the_wrong_order_end_the_same(order: Order, sandbox: Sandbox) -> None:
    paid_at_stripe(order, sandbox)
    talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    kinds = ["payment_intent.succeeded", COMPLETED, "payment_intent.amount_capturable_updated", "charge.succeeded"]

    for kind in kinds:
        handle_webhook(event_id=deliver(sandbox.events(kind)[0]), at=clock.now())

    assert is_paid(order)
    assert Fact.objects.filter(kind="order.paid").count() == 1


def test_the_intent_leads_to_the_attempt_before_we_know_its_id(order: Order, sandbox: Sandbox) -> None:
    assert paid_at_stripe(order, sandbox).intent_id == ""

    handle_webhook(event_id=deliver(sandbox.events("payment_intent.amount_capturable_updated")[0]), at=clock.now())

    assert is_paid(order)


def test_a_lost_webhook_is_replaced_by_the_sweep(order: Order, sandbox: Sandbox) -> None:
    attempt = paid_at_stripe(order, sandbox)
    quiet = timedelta(seconds=settings.PAYMENT_QUIET_S)
    assert not attempts_to_look_at(attempt.looked_at + quiet / 2).exists()

    (due,) = attempts_to_look_at(attempt.looked_at + quiet)
    talk(attempt_id=due.pk, at=clock.now())

    assert is_paid(order)


@pytest.mark.parametrize(("secret", "age_s"), [("whsec_of_somebody_else", 0), (None, 3600)])
def test_a_forged_or_replayed_webhook_changes_nothing(
    order: Order, sandbox: Sandbox, secret: str | None, age_s: int
) -> None:
    paid_at_stripe(order, sandbox)
    payload = json.dumps(sandbox.events(COMPLETED)[0]).encode()

    with pytest.raises(ForgedWebhook):
        receive_webhook(payload=payload, signature=signed(payload, age_s=age_s, secret=secret))

    assert not WebhookEvent.objects.exists()
    assert not is_paid(order)


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{}", b'"x"', b"\xff\xfe", b'{"id": 3}'])
def test_a_signed_webhook_that_is_none_is_refused(payload: bytes, db: None) -> None:
    with pytest.raises(ForgedWebhook):
        receive_webhook(payload=payload, signature=signed(payload))


def test_a_webhook_about_nothing_of_ours_is_done(db: None, sandbox: Sandbox) -> None:
    event = {"id": "evt_1", "object": "event", "type": "customer.created", "data": {"object": {"id": "cus_1"}}}

    handle_webhook(event_id=deliver(event), at=clock.now())

    assert WebhookEvent.objects.get().done_at


def test_a_webhook_that_cannot_be_handled_waits_longer_each_time(db: None, sandbox: Sandbox) -> None:
    intent = {"id": "pi_unknown", "object": "payment_intent"}
    event = {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "data": {"object": intent}}
    event_id, settings.STRIPE_API_BASE = deliver(event), "http://127.0.0.1:9"

    handle_webhook(event_id=event_id, at=clock.now())

    kept = WebhookEvent.objects.get()
    assert (kept.done_at, kept.tries) == (None, 1)
    assert "APIConnectionError" in kept.last_error
    assert not webhooks_owed(kept.received_at + timedelta(seconds=1)).exists()
    assert webhooks_owed(kept.received_at + timedelta(seconds=2)).exists()


def test_money_for_a_dead_attempt_goes_back_even_if_stripe_was_away_when_we_heard(
    order: Order, sandbox: Sandbox
) -> None:
    attempt = paid_at_stripe(order, sandbox)
    Attempt.objects.update(state=AttemptState.DEAD)
    session = {"id": attempt.session_id, "object": "checkout.session"}
    event_id = deliver({"id": "evt_1", "object": "event", "type": COMPLETED, "data": {"object": session}})
    sandbox.break_next("rate_limited", "/v1/checkout/sessions/*", method="GET", count=30)

    handle_webhook(event_id=event_id, at=clock.now())

    assert [owed.pk for owed in webhooks_owed(clock.now() + timedelta(seconds=9))] == [event_id]
    sandbox.heal()
    handle_webhook(event_id=event_id, at=clock.now())
    assert WebhookEvent.objects.get().done_at
    (voided,) = sandbox.events("payment_intent.canceled")[:1]
    assert voided["data"]["object"]["metadata"]["attempt"] == str(attempt.pk)


def test_a_refund_that_failed_is_seen_even_if_stripe_was_away_when_we_heard(
    vera: Shopper, store: Store, sandbox: Sandbox
) -> None:
    made = refund_done(vera, store, sandbox)
    sandbox.control("POST", "clock", {"advance_s": 5})
    subject = {"id": made.stripe_id, "object": "refund"}
    event_id = deliver({"id": "evt_1", "object": "event", "type": "refund.failed", "data": {"object": subject}})
    sandbox.break_next("rate_limited", "/v1/refunds/*", method="GET", count=30)

    handle_webhook(event_id=event_id, at=clock.now())
    sandbox.heal()
    for owed in webhooks_owed(clock.now() + timedelta(seconds=9)):
        handle_webhook(event_id=owed.pk, at=clock.now())

    made.refresh_from_db()
    assert made.state == RefundState.FAILED


def refund_done(vera: Shopper, store: Store, sandbox: Sandbox) -> Refund:
    """A mug given back to a card that will not take the money."""
    make.in_cart(vera, make.variant(make.product(store), stock=1))
    order = make.order(vera, store)
    sandbox.pay(talk(attempt_id=make.attempt_of(order).pk, at=clock.now()).url, card=REFUND_FAILS)
    talk(attempt_id=make.attempt_of(order).pk, at=clock.now())
    made = refund(
        order=order,
        lines={order.lines.get().pk: 1},
        comes_back=True,
        with_shipping=False,
        by=None,
        reason="Broken",
        at=clock.now(),
    )
    return send_refund(refund_id=made.pk, at=clock.now())
