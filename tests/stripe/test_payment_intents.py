"""Paying without the hosted page: saved cards, two steps, and what the bank says."""

from typing import Any

import pytest
import requests
import stripe

from tests.stripe.sandbox import Browser, as_dict, location


def intent_params(**more: object) -> Any:
    usual = {"amount": 2500, "currency": "eur", "payment_method_types": ["card"]}
    return usual | {"payment_method": "pm_card_visa", "confirm": True} | more


def saved_card(client: stripe.StripeClient, card: str = "pm_card_visa") -> tuple[str, str]:
    """A customer and their card, saved by a setup intent."""
    customer = client.v1.customers.create({"email": "vera@example.com"})
    intent = client.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": card, "payment_method_types": ["card"], "confirm": True}
    )
    return customer.id, str(intent.payment_method)


def pay(client: stripe.StripeClient, **more: object) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(intent_params(**more))


def test_a_good_card_is_charged_at_once(client: stripe.StripeClient) -> None:
    intent = pay(client, expand=["latest_charge"])

    charge = as_dict(intent)["latest_charge"]
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    assert charge["captured"]
    assert charge["payment_method_details"]["card"]["last4"] == "4242"


def test_manual_capture_authorises_first_and_takes_later(client: stripe.StripeClient) -> None:
    intent = pay(client, capture_method="manual")
    held = client.v1.charges.retrieve(str(intent.latest_charge))

    captured = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2000})
    charge = client.v1.charges.retrieve(str(intent.latest_charge))

    assert (intent.status, intent.amount_capturable, held.captured) == ("requires_capture", 2500, False)
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 2000, 0)
    assert (charge.amount_captured, charge.amount_refunded) == (2000, 500)


def test_an_authorisation_that_is_canceled_takes_nothing(client: stripe.StripeClient) -> None:
    intent = pay(client, capture_method="manual")

    canceled = client.v1.payment_intents.cancel(intent.id)
    charge = client.v1.charges.retrieve(str(intent.latest_charge))

    assert (canceled.status, canceled.amount_received) == ("canceled", 0)
    assert (charge.captured, charge.refunded, charge.balance_transaction) == (False, True, None)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_more_than_was_authorised_cannot_be_taken(client: stripe.StripeClient) -> None:
    intent = pay(client, capture_method="manual")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2501})

    assert refused.value.code == "amount_too_large"


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_declined_card_raises_and_leaves_the_intent_ready_for_another(
    client: stripe.StripeClient, card: str, code: str, decline_code: str | None
) -> None:
    intent = client.v1.payment_intents.create({"amount": 2500, "currency": "eur", "payment_method_types": ["card"]})

    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": card})
    after = as_dict(client.v1.payment_intents.retrieve(intent.id))
    paid = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

    assert (declined.value.http_status, declined.value.code) == (402, code)
    assert after["status"] == "requires_payment_method"
    assert after["last_payment_error"].get("decline_code") == decline_code
    assert after["payment_method"] is None
    assert client.v1.charges.retrieve(after["latest_charge"]).status == "failed"
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


def test_a_saved_card_pays_in_one_call(client: stripe.StripeClient) -> None:
    customer, card = saved_card(client)

    intent = pay(client, customer=customer, payment_method=card, off_session=True)

    assert intent.status == "succeeded"


def test_somebody_elses_card_is_refused(client: stripe.StripeClient) -> None:
    _, card = saved_card(client)
    stranger = client.v1.customers.create({})

    for customer in ({}, {"customer": stranger.id}):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be attached"):
            pay(client, payment_method=card, **customer)


def test_three_d_secure_sends_the_buyer_to_the_bank_and_back(client: stripe.StripeClient, browser: Browser) -> None:
    customer = client.v1.customers.create({})
    back = "https://shop.example/orders/7?tab=pay"
    intent = pay(client, customer=customer.id, payment_method="pm_card_authenticationRequired", return_url=back)
    bank = as_dict(intent)["next_action"]["redirect_to_url"]["url"]

    page = browser.open(bank)
    returned = location(browser.answer_bank(bank, "complete"))

    assert intent.status == "requires_action"
    assert "€25.00" in page.text
    assert returned.startswith(f"{back}&payment_intent={intent.id}&payment_intent_client_secret=")
    assert returned.endswith("redirect_status=succeeded")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_failing_three_d_secure_charges_nothing(client: stripe.StripeClient, browser: Browser) -> None:
    intent = pay(client, payment_method="pm_card_authenticationRequired", return_url="https://shop.example/")
    bank = as_dict(intent)["next_action"]["redirect_to_url"]["url"]

    returned = location(browser.answer_bank(bank, "fail"))
    after = client.v1.payment_intents.retrieve(intent.id)

    assert returned.endswith("redirect_status=failed")
    assert after.status == "requires_payment_method"
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == "payment_intent_authentication_failure"
    assert after.latest_charge is None


def test_the_bank_is_answered_once(client: stripe.StripeClient, browser: Browser) -> None:
    intent = pay(client, payment_method="pm_card_authenticationRequired", return_url="https://shop.example/")
    bank = as_dict(intent)["next_action"]["redirect_to_url"]["url"]
    browser.answer_bank(bank, "fail")

    again = browser.answer_bank(bank, "complete")

    assert again.status_code == 410
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_the_bank_cannot_revive_a_canceled_intent(client: stripe.StripeClient, browser: Browser) -> None:
    intent = pay(client, payment_method="pm_card_authenticationRequired", return_url="https://shop.example/")
    bank = as_dict(intent)["next_action"]["redirect_to_url"]["url"]
    client.v1.payment_intents.cancel(intent.id)

    answer = browser.answer_bank(bank, "complete")

    assert answer.status_code == 410
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_a_buyer_who_is_not_there_cannot_be_sent_to_the_bank(client: stripe.StripeClient) -> None:
    customer, card = saved_card(client)
    asks_always = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer})

    with pytest.raises(stripe.CardError) as declined:
        pay(client, customer=customer, payment_method=asks_always.id, off_session=True)

    assert declined.value.code == "authentication_required"
    assert card


def test_a_card_that_was_saved_with_the_bank_is_not_asked_again(client: stripe.StripeClient, browser: Browser) -> None:
    customer = client.v1.customers.create({})
    setup = client.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": "https://shop.example/",
        }
    )
    browser.answer_bank(as_dict(setup)["next_action"]["redirect_to_url"]["url"], "complete")
    card = str(client.v1.setup_intents.retrieve(setup.id).payment_method)

    assert pay(client, customer=customer.id, payment_method=card, off_session=True).status == "succeeded"


def test_saved_cards_are_listed_and_taken_away(client: stripe.StripeClient) -> None:
    customer, card = saved_card(client)

    before = client.v1.customers.payment_methods.list(customer)
    client.v1.payment_methods.detach(card)
    after = client.v1.payment_methods.list({"customer": customer})

    assert [one.id for one in before.data] == [card]
    assert after.data == []
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_methods.attach(card, {"customer": customer})


def test_the_same_number_has_the_same_fingerprint(client: stripe.StripeClient) -> None:
    def fingerprint(number: str) -> str:
        card: Any = {"number": number, "exp_month": 5, "exp_year": 2040, "cvc": "123"}
        method = client.v1.payment_methods.create({"type": "card", "card": card})
        return str(as_dict(method)["card"]["fingerprint"])

    assert fingerprint("4242424242424242") == fingerprint("4242 4242 4242 4242")
    assert fingerprint("4242424242424242") != fingerprint("5555555555554444")


def test_a_second_confirmation_does_not_charge_twice(client: stripe.StripeClient) -> None:
    intent = pay(client)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.confirm(intent.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_refunds_in_parts_never_exceed_what_was_taken(client: stripe.StripeClient) -> None:
    intent = pay(client)

    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 1501})
    rest = client.v1.refunds.create({"payment_intent": intent.id})
    charge = client.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["refunds"]})

    assert (rest.amount, rest.status) == (1500, "succeeded")
    assert (charge.amount_refunded, charge.refunded) == (2500, True)
    assert [one["amount"] for one in as_dict(charge)["refunds"]["data"]] == [1500, 1000]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"


def test_a_partly_captured_payment_gives_back_only_what_was_taken(client: stripe.StripeClient) -> None:
    intent = pay(client, capture_method="manual")
    client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 700})

    refund = client.v1.refunds.create({"payment_intent": intent.id})

    assert refund.amount == 700


def test_what_is_only_authorised_cannot_be_refunded(client: stripe.StripeClient) -> None:
    intent = pay(client, capture_method="manual")

    refused: list[Any] = [{"payment_intent": intent.id}, {"charge": str(intent.latest_charge)}]
    for named in refused:
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create(named)


def test_without_naming_cards_a_confirmation_must_say_where_to_come_back_to(client: stripe.StripeClient) -> None:
    asked: Any = {"amount": 2500, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create(asked)
    no_redirects = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}

    assert refused.value.param == "return_url"
    assert client.v1.payment_intents.create(asked | no_redirects).status == "succeeded"
    assert client.v1.payment_intents.create(asked | {"return_url": "https://shop.example/"}).status == "succeeded"


def test_a_refund_that_is_done_cannot_be_canceled(client: stripe.StripeClient) -> None:
    refund = client.v1.refunds.create({"payment_intent": pay(client).id})

    with pytest.raises(stripe.InvalidRequestError, match="requires_action"):
        client.v1.refunds.cancel(refund.id)


def test_a_receipt_can_be_looked_at(client: stripe.StripeClient) -> None:
    charge = client.v1.charges.retrieve(str(pay(client).latest_charge))

    assert "€25.00" in requests.get(str(charge.receipt_url), timeout=10).text
