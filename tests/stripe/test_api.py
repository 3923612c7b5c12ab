"""What any endpoint does with what it is sent."""

from typing import Any

import pytest
import requests
import stripe

from config.local.stripe.account import API_VERSION
from tests.stripe.sandbox import KEY, Sandbox, as_dict, session_params


def test_a_wrong_key_gets_401(sandbox: Sandbox) -> None:
    stranger = stripe.StripeClient("sk_test_somebody_else", base_addresses={"api": sandbox.base})

    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided"):
        stranger.v1.customers.list()


def test_no_key_gets_401(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.base}/v1/customers", timeout=10)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("path", "form", "code", "param"),
    [
        ("/v1/customers", {"shoe_size": "44"}, "parameter_unknown", "shoe_size"),
        ("/v1/customers", {"address[planet]": "Mars"}, "parameter_unknown", "address[planet]"),
        ("/v1/payment_intents", {"amount": "500"}, "parameter_missing", "currency"),
        ("/v1/payment_intents", {"amount": "5.5", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ("/v1/payment_intents", {"amount": "5_000", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ("/v1/payment_intents", {"amount": "-1", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ("/v1/payment_intents", {"amount": "10", "currency": "usd"}, "amount_too_small", "amount"),
        ("/v1/payment_intents", {"amount": "500", "currency": "dollars"}, None, "currency"),
        ("/v1/payment_intents", {"amount": "500", "currency": ""}, None, "currency"),
        (
            "/v1/payment_intents",
            {"amount": "500", "currency": "usd", "description": ""},
            "parameter_invalid_empty",
            "description",
        ),
        ("/v1/payment_intents", {"amount": "500", "currency": "usd", "confirm": "yes"}, None, "confirm"),
        (
            "/v1/payment_intents",
            {"amount": "500", "currency": "usd", "capture_method": "later"},
            None,
            "capture_method",
        ),
        ("/v1/payment_intents", {"amount": "500", "currency": "usd", "payment_method_types": "card"}, None, None),
        (
            "/v1/payment_intents",
            {"amount": "500", "currency": "usd", "customer": "cus_x"},
            "resource_missing",
            "customer",
        ),
        ("/v1/customers", {"email": "vera"}, "email_invalid", "email"),
        ("/v1/webhook_endpoints", {"url": "example.com", "enabled_events[]": "*"}, "url_invalid", "url"),
        ("/v1/customers", {"metadata[a][b]": "c"}, None, "metadata[a]"),
        ("/v1/customers", {"metadata[a]": "x" * 501}, None, "metadata"),
        ("/v1/customers", {"expand[]": "friends"}, None, "expand"),
        ("/v1/customers", {"a]b[": "1"}, None, None),
    ],
)
def test_a_bad_parameter_gets_400_and_its_name(
    sandbox: Sandbox, path: str, form: Any, code: str | None, param: str | None
) -> None:
    answer = sandbox.call("POST", path, **form)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error.get("code") == code
    assert param is None or error["param"] == param


def test_a_refused_request_leaves_nothing(sandbox: Sandbox) -> None:
    form: Any = {"email": "nobody@example.com", "expand[]": "friends"}

    sandbox.call("POST", "/v1/customers", **form)

    assert sandbox.call("GET", "/v1/customers", email="nobody@example.com").json()["data"] == []


def test_an_unknown_id_gets_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.retrieve("cus_nobody")

    assert refused.value.http_status == 404
    assert refused.value.code == "resource_missing"


def test_an_id_of_another_kind_gets_404(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})

    with pytest.raises(stripe.InvalidRequestError, match="No such payment intent"):
        client.v1.payment_intents.retrieve(customer.id)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/disputes"), ("DELETE", "/v1/charges/ch_1"), ("PUT", "/v1/x")]
)
def test_an_endpoint_that_is_not_there_gets_404(sandbox: Sandbox, method: str, path: str) -> None:
    answer = sandbox.call(method, path)

    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


def test_the_version_is_named_and_another_is_refused(sandbox: Sandbox) -> None:
    answer = sandbox.call("GET", "/v1/customers")
    older = sandbox.call("GET", "/v1/customers", headers={"Stripe-Version": "2019-01-01"})

    assert answer.headers["Stripe-Version"] == API_VERSION
    assert answer.headers["Request-Id"].startswith("req_")
    assert older.status_code == 400


def test_the_client_speaks_this_version() -> None:
    assert stripe.api_version == API_VERSION


def test_a_body_that_is_not_utf8_gets_400(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.base}/v1/customers", data=b"name=\xff\xfe", auth=(KEY, ""), timeout=10)

    assert answer.status_code == 400


def test_cursors_walk_a_list_both_ways(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"email": "walk@example.com"}).id for _ in range(5)]

    first = client.v1.customers.list({"email": "walk@example.com", "limit": 2})
    second = client.v1.customers.list({"email": "walk@example.com", "limit": 2, "starting_after": first.data[-1].id})
    back = client.v1.customers.list({"email": "walk@example.com", "limit": 2, "ending_before": second.data[-1].id})
    walked = [one.id for one in first.auto_paging_iter()]

    assert [one.id for one in first.data] == made[:2:-1]
    assert first.has_more
    assert [one.id for one in second.data] == made[2:0:-1]
    assert [one.id for one in back.data] == [made[3], made[2]]
    assert back.has_more
    assert walked == made[::-1]


def test_a_cursor_that_points_nowhere_gets_400(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.list({"starting_after": "cus_nobody"})

    assert refused.value.param == "starting_after"


def test_lists_are_filtered_by_when_things_were_made(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "when@example.com"})

    def found(**bounds: Any) -> int:
        asked: Any = {"email": "when@example.com", "created": bounds}
        return len(client.v1.customers.list(asked).data)

    assert found(gte=customer.created) == 1
    assert found(gt=customer.created) == 0
    assert found(lt=customer.created) == 0


def test_line_items_keep_their_order_and_have_cursors(client: stripe.StripeClient) -> None:
    lines: Any = [
        {"price_data": {"currency": "eur", "unit_amount": 100, "product_data": {"name": str(n)}}, "quantity": 1}
        for n in range(12)
    ]
    session = client.v1.checkout.sessions.create(session_params(line_items=lines))

    first = client.v1.checkout.sessions.line_items.list(session.id)

    assert [line.description for line in first.auto_paging_iter()] == [str(n) for n in range(12)]
    assert len(first.data) == 10
    assert session.amount_total == 1200


def test_metadata_is_merged_and_emptied(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})

    merged = client.v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})
    emptied = client.v1.customers.update(customer.id, {"metadata": ""})

    assert as_dict(merged)["metadata"] == {"a": "1", "c": "3"}
    assert as_dict(emptied)["metadata"] == {}


def test_expand_opens_what_is_named_and_only_that(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "usd", "customer": customer.id})

    listed = client.v1.payment_intents.list({"customer": customer.id, "expand": ["data.customer"]})
    too_deep: Any = {"expand": ["latest_charge.payment_intent.latest_charge.payment_intent.customer"]}

    assert isinstance(listed.data[0].customer, stripe.Customer)
    assert intent.customer == customer.id
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        client.v1.payment_intents.retrieve(intent.id, too_deep)


def test_a_deleted_customer_cannot_be_used_again(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    client.v1.customers.delete(customer.id)

    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.payment_intents.create({"amount": 500, "currency": "usd", "customer": customer.id})
