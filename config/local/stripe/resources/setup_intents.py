"""Setup intents: saving a card without charging it."""

from config.local.stripe.account import Account
from config.local.stripe.confirming import confirm, end_challenges
from config.local.stripe.endpoints import Call, Endpoint, takes
from config.local.stripe.errors import ApiError, unexpected_state
from config.local.stripe.ids import client_secret, new_id
from config.local.stripe.lists import page
from config.local.stripe.params import (
    RETRIEVE,
    WITHIN,
    Boolean,
    Metadata,
    Parameter,
    Text,
    Url,
    listing,
    merge_metadata,
)
from config.local.stripe.resources.customers import living_customer
from config.local.stripe.resources.intent_params import (
    AUTOMATIC_METHODS,
    CARD_OPTIONS,
    CONFIRMABLE,
    FUTURE_USAGE,
    METHOD_TYPES,
    card_options,
    check_confirmable,
    check_owner,
    check_return_url,
    choose_method_types,
    refuse_if_declined,
)
from config.local.stripe.resources.kept_cards import usable_method
from config.local.stripe.shapes import Fields

DESCRIBING: dict[str, Parameter] = {
    "customer": Text(),
    "description": Text(longest=1000),
    "metadata": Metadata(),
    "payment_method": Text(),
    "payment_method_options": CARD_OPTIONS,
    "payment_method_types": METHOD_TYPES,
}
CANCELLATION = Text(choices=("abandoned", "duplicate", "requested_by_customer"))


def new_setup(account: Account, params: Fields) -> Fields:
    """Keep a setup intent for these parameters and tell `setup_intent.created`."""
    intent = _blank(new_id("setup_intent")) | {"usage": params.get("usage", "off_session")}
    choose_method_types(intent, params)
    _describe(account, intent, params)
    account.add(intent)
    account.tell("setup_intent.created", intent)
    return intent


def cancel_setup(account: Account, intent: Fields, *, reason: str | None = None) -> Fields:
    """End a setup intent and tell `setup_intent.canceled`."""
    end_challenges(account, intent)
    intent |= {"status": "canceled", "cancellation_reason": reason}
    account.put(intent)
    account.tell("setup_intent.canceled", intent)
    return intent


def _blank(id: str) -> Fields:
    return {
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": None,
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": client_secret(id),
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "managed_payments": None,
        "mandate": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": _options(None),
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
    }


def _options(given: Fields | None) -> Fields:
    card = card_options(given)["card"]
    return {"card": {name: card[name] for name in ("mandate_options", "network", "request_three_d_secure")}}


def _describe(account: Account, intent: Fields, params: Fields) -> None:
    if "customer" in params:
        intent["customer"] = living_customer(account, params["customer"])["id"]
    if "metadata" in params:
        intent["metadata"] = merge_metadata(old=intent["metadata"], new=params["metadata"])
    if "payment_method_options" in params:
        intent["payment_method_options"] = _options(params["payment_method_options"])
    intent |= {name: params[name] for name in ("description", "payment_method_types") if name in params}
    if "payment_method" in params:
        method = usable_method(account, params["payment_method"])
        check_owner(intent, method)
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}


def _create(call: Call) -> Fields:
    intent = new_setup(call.account, call.params)
    return _confirm_with(call, intent) if call.params.get("confirm") else intent


def _confirm_with(call: Call, intent: Fields) -> Fields:
    if intent["payment_method"] is None:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise unexpected_state(intent=intent, message=message)
    method = call.account.find("payment_method", intent["payment_method"])
    check_return_url(intent, return_url=call.params.get("return_url"))
    confirm(call.account, intent, method=method, return_url=call.params.get("return_url"))
    return refuse_if_declined(intent)


def _retrieve(call: Call) -> Fields:
    return call.account.find("setup_intent", call.ids["intent"], param="intent")


def _update(call: Call) -> Fields:
    intent = _retrieve(call)
    check_confirmable(intent)
    _describe(call.account, intent, call.params)
    return call.account.put(intent)


def _confirm(call: Call) -> Fields:
    intent = _retrieve(call)
    _refuse_of_session(call.account, intent)
    check_confirmable(intent)
    _describe(call.account, intent, call.params)
    return _confirm_with(call, intent)


def _cancel(call: Call) -> Fields:
    intent = _retrieve(call)
    _refuse_of_session(call.account, intent)
    if intent["status"] not in CONFIRMABLE:
        message = f"You cannot cancel this SetupIntent because it has a status of {intent['status']}."
        raise unexpected_state(intent=intent, message=message)
    return cancel_setup(call.account, intent, reason=call.params.get("cancellation_reason"))


def _refuse_of_session(account: Account, intent: Fields) -> None:
    if account.private(intent["id"]).get("session"):
        message = "This SetupIntent was created by a Checkout Session; expire the Checkout Session instead."
        raise ApiError(status=400, message=message)


def _list(call: Call) -> Fields:
    filters = {name: call.params.get(name) for name in ("customer", "payment_method")}
    return page(call, "setup_intent", **filters)


CREATE = takes(
    DESCRIBING,
    automatic_payment_methods=AUTOMATIC_METHODS,
    confirm=Boolean(),
    return_url=Url(),
    usage=FUTURE_USAGE,
)
CONFIRM = takes(payment_method=Text(), payment_method_options=CARD_OPTIONS, return_url=Url())
ENDPOINTS = (
    Endpoint("POST", "/v1/setup_intents", _create, CREATE),
    Endpoint("GET", "/v1/setup_intents", _list, listing(customer=Text(), payment_method=Text(), created=WITHIN)),
    Endpoint("GET", "/v1/setup_intents/{intent}", _retrieve, RETRIEVE),
    Endpoint("POST", "/v1/setup_intents/{intent}", _update, takes(DESCRIBING)),
    Endpoint("POST", "/v1/setup_intents/{intent}/confirm", _confirm, CONFIRM),
    Endpoint("POST", "/v1/setup_intents/{intent}/cancel", _cancel, takes(cancellation_reason=CANCELLATION)),
)
