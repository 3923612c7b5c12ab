"""Idempotency, faults, limits, the clock and webhooks: everything that goes wrong on demand."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from config.local.stripe.errors import ApiError
from config.local.stripe.limits import RateLimits
from tests.stripe.mailbox import Mailbox
from tests.stripe.sandbox import KEY, Browser, Sandbox, as_dict, eventually, location, session_params

GOOD = "4242424242424242"
CARDS: Any = {"payment_method_types": ["card"]}


@pytest.fixture(autouse=True)
def _calm(own_sandbox: Sandbox) -> Iterator[None]:
    """Whatever a test switches on is off for the next."""
    yield
    own_sandbox.control("DELETE", "faults")
    own_sandbox.control("POST", "rate-limits", {"enforced": False})


def customers_named(sandbox: Sandbox, email: str) -> int:
    return len(sandbox.client().v1.customers.list({"email": email}).data)


def paid_session(sandbox: Sandbox, browser: Browser, **more: Any) -> str:
    session = sandbox.client().v1.checkout.sessions.create(session_params(**more))
    location(browser.pay(str(session.url), number=GOOD))
    return session.id


def test_the_same_key_and_body_replay_the_first_answer(own_sandbox: Sandbox) -> None:
    first, again = (
        own_sandbox.call("POST", "/v1/customers", headers={"Idempotency-Key": "once"}, email="once@example.com")
        for _ in range(2)
    )

    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert again.headers["Idempotency-Key"] == "once"
    assert customers_named(own_sandbox, "once@example.com") == 1


@pytest.mark.parametrize(("path", "email"), [("/v1/customers", "b@example.com"), ("/v1/setup_intents", "")])
def test_the_same_key_for_another_request_gets_400(own_sandbox: Sandbox, path: str, email: str) -> None:
    key = {"Idempotency-Key": f"reused {path}"}
    own_sandbox.call("POST", "/v1/customers", headers=key, email="a@example.com")

    answer = own_sandbox.call("POST", path, headers=key, **({"email": email} if email else {}))

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "idempotency_error"


def test_a_declined_payment_is_replayed_too(own_sandbox: Sandbox) -> None:
    client = own_sandbox.client()
    asked: Any = {"amount": 900, "currency": "usd", "confirm": True, "payment_method": "pm_card_chargeDeclined"} | CARDS
    before = len(client.v1.charges.list({"limit": 100}).data)

    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.create(asked, {"idempotency_key": "declined"})

    assert len(client.v1.charges.list({"limit": 100}).data) == before + 1


def test_a_request_that_was_malformed_does_not_use_its_key_up(own_sandbox: Sandbox) -> None:
    key = {"Idempotency-Key": "mended"}
    refused = own_sandbox.call("POST", "/v1/customers", headers=key, shoe_size="44")
    mended = own_sandbox.call("POST", "/v1/customers", headers=key, email="mended@example.com")

    assert (refused.status_code, mended.status_code) == (400, 200)


def test_the_same_key_at_the_same_time_gets_409(own_sandbox: Sandbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "slow", "seconds": 0.4, "count": 1, "path": "/v1/customers"})

    def ask(wait_s: float) -> int:
        time.sleep(wait_s)
        headers = {"Idempotency-Key": "at once"}
        return own_sandbox.call("POST", "/v1/customers", headers=headers, email="atonce@example.com").status_code

    with ThreadPoolExecutor(2) as hands:
        statuses = list(hands.map(ask, (0, 0.15)))

    assert statuses == [200, 409]
    assert customers_named(own_sandbox, "atonce@example.com") == 1


def test_a_500_after_succeeding_hides_what_was_done_and_is_replayed(own_sandbox: Sandbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "error_after", "count": 1, "method": "POST"})
    client = own_sandbox.client()

    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            client.v1.customers.create({"email": "ghost@example.com"}, {"idempotency_key": "ghost"})
        assert broken.value.http_status == 500

    assert customers_named(own_sandbox, "ghost@example.com") == 1


def test_a_500_before_anything_was_done_is_replayed_too_and_another_key_is_not(own_sandbox: Sandbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "error_before", "count": 1, "method": "POST"})
    client = own_sandbox.client()

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.customers.create({"email": "nobody@example.com"}, {"idempotency_key": "nobody"})
    assert customers_named(own_sandbox, "nobody@example.com") == 0
    client.v1.customers.create({"email": "nobody@example.com"}, {"idempotency_key": "somebody"})

    assert customers_named(own_sandbox, "nobody@example.com") == 1


@pytest.mark.parametrize(("kind", "made"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_time_out_before_or_after_the_work(own_sandbox: Sandbox, kind: str, made: int) -> None:
    email = f"{kind}@example.com"
    own_sandbox.control("POST", "faults", {"kind": kind, "count": 1, "path": "/v1/customers"})

    with pytest.raises(stripe.APIConnectionError):
        own_sandbox.client(timeout_s=0.3).v1.customers.create({"email": email}, {"idempotency_key": kind})
    after_time_out = customers_named(own_sandbox, email)
    own_sandbox.client().v1.customers.create({"email": email}, {"idempotency_key": kind})

    assert after_time_out == made
    assert customers_named(own_sandbox, email) == 1


def test_the_clients_own_retries_survive_a_time_out_and_a_429(own_sandbox: Sandbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "timeout_after", "count": 1, "path": "/v1/customers"})

    own_sandbox.client(retries=2, timeout_s=0.3).v1.customers.create({"email": "retried@example.com"})

    assert customers_named(own_sandbox, "retried@example.com") == 1


def test_a_429_is_told_apart_and_nothing_was_done(own_sandbox: Sandbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "rate_limited", "count": 1, "path": "/v1/customers"})

    with pytest.raises(stripe.RateLimitError):
        own_sandbox.client().v1.customers.create({"email": "limited@example.com"})

    assert customers_named(own_sandbox, "limited@example.com") == 0


def test_a_fault_for_one_path_leaves_the_others_alone(own_sandbox: Sandbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "rate_limited", "path": "/v1/refunds*"})

    assert own_sandbox.call("GET", "/v1/customers").status_code == 200
    assert [own_sandbox.call("GET", "/v1/refunds").status_code for _ in range(3)] == [429] * 3
    assert own_sandbox.control("GET", "faults")["faults"][0]["path"] == "/v1/refunds*"
    assert own_sandbox.control("DELETE", "faults") == {"faults": []}
    assert own_sandbox.call("GET", "/v1/refunds").status_code == 200


@pytest.mark.parametrize("asked", [{"kind": "flood"}, {"kind": "lost", "colour": "red"}, {}, "lost"])
def test_a_fault_that_does_not_exist_is_refused(own_sandbox: Sandbox, asked: Any) -> None:
    answer = requests.post(f"{own_sandbox.base}/_sandbox/faults", json=asked, auth=(KEY, ""), timeout=10)

    assert answer.status_code == 400
    assert own_sandbox.control("GET", "faults") == {"faults": []}


def test_the_control_wants_the_key(own_sandbox: Sandbox) -> None:
    assert requests.post(f"{own_sandbox.base}/_sandbox/faults", json={"kind": "lost"}, timeout=10).status_code == 401


def test_more_than_25_a_second_at_one_endpoint_are_too_many(own_sandbox: Sandbox) -> None:
    own_sandbox.control("POST", "rate-limits", {"enforced": True})

    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda _: own_sandbox.call("GET", "/v1/customers", limit="1"), range(60)))
    elsewhere = own_sandbox.call("GET", "/v1/refunds")

    refused = [answer.headers["Stripe-Rate-Limited-Reason"] for answer in answers if answer.status_code == 429]
    assert set(refused) == {"endpoint-rate"}
    assert elsewhere.status_code == 200


@pytest.mark.parametrize(("endpoints", "admitted", "reason"), [(1, 25, "endpoint-rate"), (8, 100, "global-rate")])
def test_limits_count_the_last_second(endpoints: int, admitted: int, reason: str) -> None:
    now = 5.0
    limits = RateLimits(enforced=True, clock=lambda: now)

    for n in range(admitted):
        limits.admit(endpoint=f"GET /v1/{n % endpoints}")
    with pytest.raises(ApiError) as refused:
        limits.admit(endpoint="GET /v1/0")
    now = 6.0
    limits.admit(endpoint="GET /v1/0")

    assert refused.value.headers == {"Stripe-Rate-Limited-Reason": reason}


def test_a_session_ends_by_the_clock_and_tells_so(own_sandbox: Sandbox, mailbox: Mailbox, browser: Browser) -> None:
    client = own_sandbox.client()
    soon = own_sandbox.control("GET", "clock")["now"] + 31 * 60
    session = client.v1.checkout.sessions.create(session_params(expires_at=soon))
    lasting = client.v1.checkout.sessions.create(session_params())

    own_sandbox.control("POST", "clock", {"advance_s": 31 * 60})
    told = mailbox.wait_for(1, "checkout.session.expired")

    assert [event.data.object["id"] for event in told] == [session.id]
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert client.v1.checkout.sessions.retrieve(lasting.id).status == "open"
    assert browser.pay(str(session.url), number=GOOD).status_code == 410


@pytest.mark.parametrize(
    ("card", "at_first", "at_last", "given_back"),
    [("pm_card_pendingRefund", "pending", "succeeded", 900), ("pm_card_refundFail", "succeeded", "failed", 0)],
)
def test_some_banks_take_their_time_over_a_refund(
    own_sandbox: Sandbox, mailbox: Mailbox, card: str, at_first: str, at_last: str, given_back: int
) -> None:
    client = own_sandbox.client()
    asked: Any = {"amount": 900, "currency": "usd", "confirm": True, "payment_method": card} | CARDS
    intent = client.v1.payment_intents.create(asked)

    refund = client.v1.refunds.create({"payment_intent": intent.id})
    own_sandbox.control("POST", "clock", {"advance_s": 5})
    (told,) = mailbox.wait_for(1, "refund.updated")
    after = client.v1.refunds.retrieve(refund.id, {"expand": ["charge", "failure_balance_transaction"]})

    assert (refund.status, after.status) == (at_first, at_last)
    assert as_dict(after)["charge"]["amount_refunded"] == given_back
    assert told.data.object["status"] == at_last
    assert len(mailbox.events("refund.failed")) == (at_last == "failed")


def test_a_payment_is_told_signed_and_once(own_sandbox: Sandbox, mailbox: Mailbox, browser: Browser) -> None:
    id = paid_session(own_sandbox, browser)

    (completed,) = mailbox.wait_for(1, "checkout.session.completed")
    time.sleep(0.2)

    assert completed.data.object["id"] == id
    assert len(mailbox.events("checkout.session.completed", "charge.succeeded")) == 2
    stored = own_sandbox.client().v1.events.retrieve(completed.id)
    assert (stored.type, stored.pending_webhooks) == ("checkout.session.completed", 0)


def test_a_forged_body_does_not_verify(own_sandbox: Sandbox, mailbox: Mailbox) -> None:
    own_sandbox.client().v1.customers.create({})
    mailbox.wait_for(1, "customer.created")
    body, signature = mailbox.bodies[0]

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.replace(b"customer", b"customor"), signature, mailbox.secret)


def test_an_event_names_the_request_that_caused_it(own_sandbox: Sandbox, mailbox: Mailbox) -> None:
    answer = own_sandbox.call("POST", "/v1/customers", headers={"Idempotency-Key": "cause"})
    (event,) = mailbox.wait_for(1, "customer.created")

    assert as_dict(event)["request"] == {"id": answer.headers["Request-Id"], "idempotency_key": "cause"}


def test_a_webhook_that_is_refused_comes_again(own_sandbox: Sandbox, mailbox: Mailbox) -> None:
    mailbox.answers += [500, 302]
    customer = own_sandbox.client().v1.customers.create({})

    events = mailbox.wait_for(3, "customer.created")

    assert {event.id for event in events} == {events[0].id}
    assert events[0].data.object["id"] == customer.id
    eventually(lambda: own_sandbox.client().v1.events.retrieve(events[0].id).pending_webhooks == 0)


def test_an_endpoint_gets_only_the_types_it_wants(own_sandbox: Sandbox, mailbox: Mailbox) -> None:
    client = own_sandbox.client()
    listed = client.v1.webhook_endpoints.list().data
    (endpoint,) = [one for one in listed if one.url == mailbox.url]
    client.v1.webhook_endpoints.update(endpoint.id, {"enabled_events": ["refund.created"]})
    intent = client.v1.payment_intents.create(
        {"amount": 900, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"} | CARDS
    )
    client.v1.refunds.create({"payment_intent": intent.id})

    mailbox.wait_for(1, "refund.created")
    time.sleep(0.2)

    assert [event.type for event in mailbox.events()] == ["refund.created"]


def test_webhooks_come_twice_on_demand(own_sandbox: Sandbox, mailbox: Mailbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "twice", "type": "customer.created", "count": 1})
    client = own_sandbox.client()
    first, second = client.v1.customers.create({}).id, client.v1.customers.create({}).id

    events = mailbox.wait_for(3, "customer.created")
    time.sleep(0.2)

    assert sorted(event.data.object["id"] for event in mailbox.events()) == sorted([first, first, second])
    assert len({event.id for event in events}) == 2


def test_webhooks_come_late_on_demand(own_sandbox: Sandbox, mailbox: Mailbox) -> None:
    own_sandbox.control("POST", "faults", {"kind": "late", "seconds": 0.8, "metadata": {"order": "late"}})
    client = own_sandbox.client()
    late = client.v1.customers.create({"metadata": {"order": "late"}}).id
    client.v1.customers.create({"metadata": {"order": "in time"}})

    mailbox.wait_for(1, "customer.created")
    time.sleep(0.3)
    in_time = [event.data.object["id"] for event in mailbox.events()]
    both = [event.data.object["id"] for event in mailbox.wait_for(2, "customer.created")]

    assert late not in in_time
    assert both[-1] == late


def test_webhooks_come_in_the_wrong_order_on_demand(own_sandbox: Sandbox, mailbox: Mailbox, browser: Browser) -> None:
    told = ("charge.succeeded", "payment_intent.created", "payment_intent.succeeded", "checkout.session.completed")
    own_sandbox.control("POST", "faults", {"kind": "reordered", "seconds": 0.1})

    paid_session(own_sandbox, browser)

    assert [event.type for event in mailbox.wait_for(4, *told)] == [told[3], told[2], told[0], told[1]]


def test_webhooks_get_lost_for_one_order_and_the_truth_stays_readable(
    own_sandbox: Sandbox, mailbox: Mailbox, browser: Browser
) -> None:
    own_sandbox.control("POST", "faults", {"kind": "lost", "client_reference_id": "SD-lost"})
    lost = paid_session(own_sandbox, browser, client_reference_id="SD-lost")
    told = paid_session(own_sandbox, browser, client_reference_id="SD-told")

    mailbox.wait_for(1, "checkout.session.completed")
    time.sleep(0.3)

    assert [event.data.object["id"] for event in mailbox.events("checkout.session.completed")] == [told]
    assert own_sandbox.client().v1.checkout.sessions.retrieve(lost).payment_status == "paid"
    states = {one["state"] for one in own_sandbox.control("GET", "deliveries")["deliveries"]}
    assert "lost" in states


def test_a_fault_finds_the_charge_of_a_session(own_sandbox: Sandbox, mailbox: Mailbox, browser: Browser) -> None:
    client = own_sandbox.client()
    session = client.v1.checkout.sessions.create(session_params())
    own_sandbox.control("POST", "faults", {"kind": "lost", "object": session.id, "type": "charge.*"})

    browser.pay(str(session.url), number=GOOD)
    mailbox.wait_for(1, "checkout.session.completed")
    time.sleep(0.2)

    assert mailbox.events("charge.succeeded") == []


def test_an_event_can_be_sent_again(own_sandbox: Sandbox, mailbox: Mailbox) -> None:
    own_sandbox.client().v1.customers.create({})
    (event,) = mailbox.wait_for(1, "customer.created")

    own_sandbox.control("POST", "deliveries", {"event": event.id})

    assert [one.id for one in mailbox.wait_for(2, "customer.created")] == [event.id] * 2
