"""Held against Stripe's own description: every object, every event, every parameter name."""

from typing import Any

import pytest
import stripe

from config.local.stripe.endpoints import Endpoint
from config.local.stripe.params import Array, Either, Metadata, Shape, Text
from config.local.stripe.resources.table import ENDPOINTS
from tests.stripe import description
from tests.stripe.description import parameters_of, problems, samples
from tests.stripe.sandbox import Browser, Sandbox, as_dict, location, session_params

pytestmark = pytest.mark.skipif(not description.SPEC.exists(), reason=description.ABSENT)

KINDS = (
    "balance_transaction",
    "charge",
    "checkout.session",
    "customer",
    "event",
    "item",
    "payment_intent",
    "payment_method",
    "price",
    "product",
    "refund",
    "setup_intent",
    "webhook_endpoint",
)
ALWAYS_LEFT_OUT = {
    "charge": {"refunds", "source"},
    "checkout.session": {"line_items"},
    "item": {"taxes", "discounts"},
}
"""What a sample shows although Stripe sends it only when asked to, or for other kinds of payment."""


@pytest.fixture(scope="module")
def kept(sandbox: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """Everything that a busy day leaves behind, by kind, as the API returns it."""
    client = sandbox.client()
    _busy_day(client, Browser())
    lists = [
        client.v1.balance_transactions.list({"limit": 100}),
        client.v1.charges.list({"limit": 100}),
        client.v1.checkout.sessions.list({"limit": 100, "expand": ["data.line_items"]}),
        client.v1.customers.list({"limit": 100}),
        client.v1.events.list({"limit": 100}),
        client.v1.payment_intents.list({"limit": 100}),
        client.v1.refunds.list({"limit": 100}),
        client.v1.setup_intents.list({"limit": 100}),
        client.v1.webhook_endpoints.list({"limit": 100}),
    ]
    things = [one for page in lists for one in as_dict(page)["data"]]
    lines = [line for one in things if one["object"] == "checkout.session" for line in one["line_items"]["data"]]
    methods = as_dict(client.v1.payment_methods.list({"customer": _owner(things), "limit": 100}))["data"]
    session = next(one for one in things if one["object"] == "checkout.session" and one["mode"] == "payment")
    expanded = client.v1.checkout.sessions.line_items.list(session["id"], {"expand": ["data.price.product"]})
    products = [line["price"]["product"] for line in as_dict(expanded)["data"]]
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for one in [*things, *lines, *methods, *[line["price"] for line in lines], *products]:
        by_kind.setdefault(one["object"], []).append(one)
    return by_kind


@pytest.mark.parametrize("kind", KINDS)
def test_every_object_is_as_stripe_describes_it(kind: str, kept: dict[str, list[dict[str, Any]]]) -> None:
    assert kept[kind]
    assert [problem for one in kept[kind] for problem in problems(one)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_object_has_the_fields_of_stripes_sample(kind: str, kept: dict[str, list[dict[str, Any]]]) -> None:
    wanted = set(samples()[kind]) - ALWAYS_LEFT_OUT.get(kind, set())
    for one in kept[kind]:
        assert wanted <= set(one)


@pytest.mark.parametrize("kind", KINDS)
def test_no_object_has_a_field_that_stripe_does_not_know(kind: str, kept: dict[str, list[dict[str, Any]]]) -> None:
    known = set(description.description()["components"]["schemas"][kind]["properties"]) | set(samples()[kind])
    for one in kept[kind]:
        assert set(one) <= known


def test_every_event_carries_an_object_as_stripe_describes_it(kept: dict[str, list[dict[str, Any]]]) -> None:
    told = {event["type"] for event in kept["event"]}

    assert [problem for event in kept["event"] for problem in problems(event["data"]["object"])] == []
    assert told <= _event_types()
    assert told >= {
        "charge.captured",
        "charge.failed",
        "charge.refunded",
        "charge.succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "customer.created",
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "payment_method.attached",
        "refund.created",
        "refund.updated",
        "setup_intent.created",
        "setup_intent.succeeded",
    }


def test_expanded_objects_are_as_stripe_describes_them(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        {
            "amount": 900,
            "currency": "eur",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "payment_method_types": ["card"],
            "customer": client.v1.customers.create({}).id,
            "expand": ["latest_charge.balance_transaction", "payment_method", "customer", "latest_charge.refunds"],
        }
    )

    assert problems(as_dict(intent)) == []
    assert as_dict(intent)["latest_charge"]["balance_transaction"]["net"] == 900 - 56


def test_the_balance_and_what_was_deleted_are_as_stripe_describes_them(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"name": "Gone"})
    endpoint = client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["charge.failed"]})

    answers = [
        client.v1.balance.retrieve(),
        client.v1.customers.delete(customer.id),
        client.v1.customers.retrieve(customer.id),
        client.v1.webhook_endpoints.delete(endpoint.id),
    ]

    assert [problem for answer in answers for problem in problems(as_dict(answer))] == []


def test_errors_are_as_stripe_describes_them(sandbox: Sandbox) -> None:
    declined = sandbox.call(
        "POST",
        "/v1/payment_intents",
        amount="500",
        currency="usd",
        confirm="true",
        payment_method="pm_card_visa_chargeDeclined",
        return_url="https://shop.example/",
    )
    unknown = sandbox.call("POST", "/v1/customers", shoe_size="44")

    for answer in (declined, unknown):
        assert list(description.schema_of("error").iter_errors(answer.json())) == []


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_every_parameter_is_one_of_stripes(endpoint: Endpoint) -> None:
    described = parameters_of(method=endpoint.method, path=endpoint.path)

    assert list(_strangers(endpoint.params, described, at="")) == []


def _strangers(shape: Shape, described: dict[str, Any], *, at: str) -> list[str]:
    """Parameters that the sandbox takes and Stripe does not, and choices that Stripe does not offer."""
    found: list[str] = []
    for name, parameter in shape.fields.items():
        where = f"{at}[{name}]"
        if name not in described:
            found.append(where)
            continue
        found += _strange_values(parameter, described[name], at=where)
    return found


def _strange_values(parameter: Any, schema: dict[str, Any], *, at: str) -> list[str]:
    ways = [way for one in schema.get("anyOf", [schema]) for way in one.get("anyOf", [one])]
    if isinstance(parameter, Either):
        return _strange_values(parameter.plain, schema, at=at) + _strange_values(parameter.structured, schema, at=at)
    if isinstance(parameter, Array):
        lists = [way["items"] for way in ways if way.get("type") == "array"]
        return _strange_values(parameter.of, {"anyOf": lists}, at=f"{at}[]") if lists else [f"{at} is no list"]
    if isinstance(parameter, Shape):
        objects = [way for way in ways if way.get("type") == "object"]
        fields = {name: value for way in objects for name, value in way.get("properties", {}).items()}
        return _strangers(parameter, fields, at=at) if objects else [f"{at} is no object"]
    if isinstance(parameter, Metadata):
        return [] if any(way.get("type") == "object" for way in ways) else [f"{at} is no object"]
    offered = {choice for way in ways for choice in way.get("enum", [])}
    asked = set(parameter.choices) if isinstance(parameter, Text) else set()
    return [f"{at}={choice}" for choice in asked - offered] if offered else []


def _event_types() -> set[str]:
    schema = parameters_of(method="POST", path="/v1/webhook_endpoints")["enabled_events"]
    return set(schema["items"]["enum"])


def _owner(things: list[dict[str, Any]]) -> str:
    attached = [one for one in things if one["object"] == "event" and one["type"] == "payment_method.attached"]
    return str(attached[0]["data"]["object"]["customer"])


def _busy_day(client: stripe.StripeClient, browser: Browser) -> None:
    """At least one of everything the sandbox can do."""
    customer = client.v1.customers.create({"email": "vera@example.com", "address": {"city": "Ulm"}})
    _sessions(client, browser, customer=customer.id)
    declined = client.v1.payment_intents.create({"amount": 900, "currency": "usd", "payment_method_types": ["card"]})
    with pytest.raises(stripe.CardError):
        client.v1.payment_intents.confirm(declined.id, {"payment_method": "pm_card_chargeDeclined"})
    client.v1.payment_intents.cancel(declined.id, {"cancellation_reason": "abandoned"})
    paid = client.v1.payment_intents.create(
        {
            "amount": 900,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "return_url": "https://shop.example/",
            "metadata": {"a": "b"},
        }
    )
    refund = client.v1.refunds.create({"payment_intent": paid.id, "amount": 300, "reason": "requested_by_customer"})
    client.v1.refunds.update(refund.id, {"metadata": {"why": "cracked"}})
    setup = client.v1.setup_intents.create({"customer": customer.id, "payment_method_types": ["card"]})
    client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    client.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/nobody", "enabled_events": ["charge.dispute.closed"]}
    )


def _sessions(client: stripe.StripeClient, browser: Browser, *, customer: str) -> None:
    asked = session_params(customer=customer, payment_intent_data={"capture_method": "manual"})
    session = client.v1.checkout.sessions.create(asked)
    bank = location(browser.pay(session.url or "", number="4000002760003184"))
    browser.answer_bank(bank, "fail")
    bank = location(browser.pay(session.url or "", number="4000002760003184"))
    browser.answer_bank(bank, "complete")
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    client.v1.payment_intents.capture(str(intent), {"amount_to_capture": 2000})
    client.v1.checkout.sessions.expire(client.v1.checkout.sessions.create(session_params()).id)
    saving = client.v1.checkout.sessions.create(
        {"mode": "setup", "success_url": "https://shop.example/", "customer": customer}
    )
    location(browser.pay(saving.url or "", number="4242424242424242"))
