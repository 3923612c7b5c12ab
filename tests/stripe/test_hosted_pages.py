"""A buyer on the hosted pages, by plain HTTP."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import html5lib  # type: ignore[import-untyped]
import pytest
import stripe

from tests.stripe.sandbox import Browser, as_dict, card_form, location, session_params

GOOD, DECLINED, POOR = "4242 4242 4242 4242", "4000000000000002", "4000000000009995"
ASKS, ASKS_THEN_DECLINED = "4000002760003184", "4000008400001629"


def new_session(client: stripe.StripeClient, **more: object) -> tuple[str, str]:
    """The id and the page of a session for two mugs."""
    session = client.v1.checkout.sessions.create(session_params(**more))
    return session.id, str(session.url)


def as_it_is(client: stripe.StripeClient, id: str) -> dict[str, object]:
    shown = ("status", "payment_status", "url")
    session = as_dict(client.v1.checkout.sessions.retrieve(id))
    return {name: session[name] for name in shown}


def charges_of(client: stripe.StripeClient, id: str) -> list[str]:
    intent = client.v1.checkout.sessions.retrieve(id).payment_intent
    return [charge.status for charge in client.v1.charges.list({"payment_intent": str(intent)}).data]


def test_the_page_shows_what_is_bought_from_whom_for_how_much(client: stripe.StripeClient, browser: Browser) -> None:
    _, page = new_session(client)

    shown = browser.open(page)

    assert shown.status_code == 200
    for words in (
        "Stagedoor",
        "Mug",
        "2 × €12.50",
        "Pay €25.00",
        "Sandbox",
        "4242 4242 4242 4242",
        "shop.example/cart",
    ):
        assert words in shown.text
    assert "<script" not in shown.text


def test_the_page_is_well_formed_and_every_field_has_a_label(client: stripe.StripeClient, browser: Browser) -> None:
    _, page = new_session(client, saved_payment_method_options={"payment_method_save": "enabled"})

    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(browser.open(page).text)

    assert parser.errors == []
    labelled = {label.get("for") for label in tree.iter("label")}
    fields = {field.get("id") for field in tree.iter("input")}
    assert fields == labelled
    assert fields == {"email", "card_number", "card_expiry", "card_cvc", "card_name", "save_card"}


def test_what_a_shop_sends_is_escaped(client: stripe.StripeClient, browser: Browser) -> None:
    price = {"currency": "eur", "unit_amount": 900, "product_data": {"name": "<b>Mug</b> & $more"}}
    _, page = new_session(client, line_items=[{"price_data": price, "quantity": 1}])

    assert "&lt;b&gt;Mug&lt;/b&gt; &amp; $more" in browser.open(page).text


def test_a_good_card_pays_and_leads_to_the_success_page(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client, client_reference_id="SD-1", metadata={"order": "1"})

    onward = location(browser.pay(page, number=GOOD))

    session = as_dict(client.v1.checkout.sessions.retrieve(id, {"expand": ["payment_intent.latest_charge"]}))
    assert onward == f"https://shop.example/thanks?session={id}"
    assert (session["status"], session["payment_status"], session["url"]) == ("complete", "paid", None)
    assert session["customer_details"]["email"] == "vera@example.com"
    assert session["payment_intent"]["latest_charge"]["amount_captured"] == 2500
    assert session["client_reference_id"] == "SD-1"


def test_no_intent_exists_before_the_buyer_pays(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)
    browser.open(page)

    assert client.v1.checkout.sessions.retrieve(id).payment_intent is None


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(DECLINED, "Your card was declined."), (POOR, "Your card has insufficient funds.")],
)
def test_a_declined_buyer_reads_why_and_tries_again(
    client: stripe.StripeClient, browser: Browser, number: str, sentence: str
) -> None:
    id, page = new_session(client)

    back = location(browser.pay(page, number=number))
    shown = browser.open(back).text
    declined = as_it_is(client, id)
    onward = location(browser.pay(page, number=GOOD))

    assert back == page
    assert sentence in shown
    assert "Vera Viewer" in shown
    assert number not in shown
    assert declined == {"status": "open", "payment_status": "unpaid", "url": page}
    assert onward.startswith("https://shop.example/thanks")
    assert charges_of(client, id) == ["succeeded", "failed"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"number": "4242424242424241"}, "Your card number is invalid."),
        ({"number": ""}, "Enter your card number."),
        ({"number": GOOD, "card_expiry": "01 / 20"}, "Your card&#x27;s expiration date is in the past."),
        ({"number": GOOD, "card_expiry": "13/40"}, "Enter month and year"),
        ({"number": GOOD, "card_cvc": "12"}, "Enter the 3-digit security code."),
        ({"number": "378282246310005"}, "Enter the 4-digit security code."),
        ({"number": GOOD, "card_name": ""}, "Enter the name on the card."),
        ({"number": GOOD, "email": "vera"}, "Your email is incomplete."),
    ],
)
def test_a_slip_is_shown_at_its_field_and_nothing_is_tried(
    client: stripe.StripeClient, browser: Browser, typed: Any, sentence: str
) -> None:
    id, page = new_session(client)

    answer = browser.pay(page, **typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert client.v1.checkout.sessions.retrieve(id).payment_intent is None


def test_three_d_secure_leads_over_the_bank(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)

    bank = location(browser.pay(page, number=ASKS))
    asked = browser.open(bank).text
    waiting = as_it_is(client, id)
    onward = location(browser.answer_bank(bank, "complete"))

    assert "/3ds/" in bank
    assert "€25.00" in asked
    assert "ending 3184" in asked
    assert waiting["status"] == "open"
    assert onward == f"https://shop.example/thanks?session={id}"
    assert as_it_is(client, id) == {"status": "complete", "payment_status": "paid", "url": None}


def test_failing_at_the_bank_leads_back_to_the_page(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)

    bank = location(browser.pay(page, number=ASKS))
    back = location(browser.answer_bank(bank, "fail"))

    assert back == page
    assert "We are unable to authenticate your payment method." in browser.open(back).text
    assert as_it_is(client, id)["status"] == "open"
    assert location(browser.pay(page, number=GOOD)).startswith("https://shop.example/thanks")


def test_a_card_can_be_declined_after_the_bank(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)

    bank = location(browser.pay(page, number=ASKS_THEN_DECLINED))
    back = location(browser.answer_bank(bank, "complete"))

    assert "Your card was declined." in browser.open(back).text
    assert as_it_is(client, id)["payment_status"] == "unpaid"


def test_two_presses_at_once_pay_once(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)

    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda _: browser.pay(page, number=GOOD), range(8)))

    assert {location(answer) for answer in answers} == {f"https://shop.example/thanks?session={id}"}
    assert charges_of(client, id) == ["succeeded"]


def test_two_answers_to_the_bank_pay_once(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)
    bank = location(browser.pay(page, number=ASKS))

    first, second = (location(browser.answer_bank(bank, "complete")) for _ in range(2))

    assert first == second == f"https://shop.example/thanks?session={id}"
    assert charges_of(client, id) == ["succeeded"]


def test_another_card_while_the_bank_waits_makes_the_banks_page_stale(
    client: stripe.StripeClient, browser: Browser
) -> None:
    id, page = new_session(client)
    bank = location(browser.pay(page, number=ASKS))
    second_bank = location(browser.pay(page, number=ASKS))

    stale = browser.answer_bank(bank, "complete")

    assert stale.status_code == 410
    assert as_it_is(client, id)["status"] == "open"
    assert location(browser.answer_bank(second_bank, "complete")).startswith("https://shop.example/thanks")


def test_a_paid_page_says_so(client: stripe.StripeClient, browser: Browser) -> None:
    _, page = new_session(client)
    browser.pay(page, number=GOOD)

    assert "You are all done here" in browser.open(page).text


def test_an_expired_page_says_so_and_takes_nothing(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)
    client.v1.checkout.sessions.expire(id)

    shown, tried = browser.open(page), browser.pay(page, number=GOOD)

    assert shown.status_code == tried.status_code == 410
    assert "This payment page has expired" in shown.text
    assert as_it_is(client, id) == {"status": "expired", "payment_status": "unpaid", "url": None}


def test_expiring_while_the_bank_waits_cancels_the_intent(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)
    bank = location(browser.pay(page, number=ASKS))

    expired = client.v1.checkout.sessions.expire(id)
    answer = browser.answer_bank(bank, "complete")

    assert client.v1.payment_intents.retrieve(str(expired.payment_intent)).status == "canceled"
    assert answer.status_code == 410
    assert charges_of(client, id) == []


def test_only_an_open_session_can_be_expired(client: stripe.StripeClient, browser: Browser) -> None:
    paid, page = new_session(client)
    browser.pay(page, number=GOOD)
    expired, _ = new_session(client)
    client.v1.checkout.sessions.expire(expired)

    for id in (paid, expired):
        with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
            client.v1.checkout.sessions.expire(id)


def test_a_sessions_intent_is_ended_through_the_session_only(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client)
    browser.pay(page, number=ASKS)
    intent = str(client.v1.checkout.sessions.retrieve(id).payment_intent)

    with pytest.raises(stripe.InvalidRequestError, match="Checkout Session"):
        client.v1.payment_intents.cancel(intent)
    with pytest.raises(stripe.InvalidRequestError, match="Checkout Session"):
        client.v1.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})


@pytest.mark.parametrize("seconds", [29 * 60, 24 * 3600 + 60])
def test_a_session_lasts_between_half_an_hour_and_a_day(client: stripe.StripeClient, seconds: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        new_session(client, expires_at=int(time.time()) + seconds)

    assert refused.value.param == "expires_at"


def test_manual_capture_completes_the_session_unpaid_until_it_is_captured(
    client: stripe.StripeClient, browser: Browser
) -> None:
    id, page = new_session(client, payment_intent_data={"capture_method": "manual"})

    browser.pay(page, number=GOOD)
    authorised = as_it_is(client, id)
    intent = client.v1.payment_intents.retrieve(str(client.v1.checkout.sessions.retrieve(id).payment_intent))
    client.v1.payment_intents.capture(intent.id)

    assert (authorised["status"], authorised["payment_status"]) == ("complete", "unpaid")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 2500)
    assert as_it_is(client, id)["payment_status"] == "paid"


def test_an_authorised_session_can_be_voided(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client, payment_intent_data={"capture_method": "manual"})
    browser.pay(page, number=GOOD)

    canceled = client.v1.payment_intents.cancel(str(client.v1.checkout.sessions.retrieve(id).payment_intent))

    assert canceled.status == "canceled"
    assert as_it_is(client, id)["payment_status"] == "unpaid"


@pytest.mark.parametrize(("ticked", "saved"), [({}, 0), ({"save_card": "yes"}, 1)])
def test_a_card_is_saved_when_the_buyer_agrees(
    client: stripe.StripeClient, browser: Browser, ticked: dict[str, str], saved: int
) -> None:
    customer = client.v1.customers.create({"email": "vera@example.com"})
    offer = {"payment_method_save": "enabled"}
    _, page = new_session(client, customer=customer.id, saved_payment_method_options=offer)

    browser.pay(page, number=GOOD, **ticked)

    cards = client.v1.customers.payment_methods.list(customer.id, {"allow_redisplay": "always"})
    assert len(cards.data) == saved
    assert len(client.v1.customers.payment_methods.list(customer.id).data) == saved


def test_setup_future_usage_saves_the_card_for_a_new_customer(client: stripe.StripeClient, browser: Browser) -> None:
    id, page = new_session(client, payment_intent_data={"setup_future_usage": "off_session"})

    browser.pay(page, number=GOOD)

    customer = str(client.v1.checkout.sessions.retrieve(id).customer)
    assert len(client.v1.customers.payment_methods.list(customer).data) == 1


def test_setup_mode_saves_a_card_and_charges_nothing(client: stripe.StripeClient, browser: Browser) -> None:
    customer = client.v1.customers.create({})
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "customer": customer.id, "success_url": "https://shop.example/{CHECKOUT_SESSION_ID}"}
    )

    onward = location(browser.pay(str(session.url), number=GOOD))

    after = as_dict(client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]}))
    assert onward == f"https://shop.example/{session.id}"
    assert (after["status"], after["payment_status"]) == ("complete", "no_payment_required")
    assert after["setup_intent"]["status"] == "succeeded"
    assert [one.id for one in client.v1.customers.payment_methods.list(customer.id).data] == [
        after["setup_intent"]["payment_method"]
    ]
    assert client.v1.charges.list({"customer": customer.id}).data == []


def test_a_page_that_is_not_there_says_so(client: stripe.StripeClient, browser: Browser) -> None:
    _, page = new_session(client)

    for url in (f"{page}x", page.replace("/c/pay/", "/3ds/"), page.replace("/c/pay/", "/nothing/")):
        answer = browser.open(url)
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


def test_a_form_without_fields_is_a_slip_not_a_crash(client: stripe.StripeClient, browser: Browser) -> None:
    _, page = new_session(client)
    empty = dict.fromkeys(card_form(number=""), "")

    assert browser.pay(page, **empty | {"number": ""}).status_code == 422
