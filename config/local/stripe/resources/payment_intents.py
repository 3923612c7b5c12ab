"""Payment intents: one payment from the first attempt until it is captured or canceled."""

from config.local.stripe.account import Account
from config.local.stripe.confirming import confirm, end_challenges
from config.local.stripe.currencies import least_charge
from config.local.stripe.endpoints import Call, Endpoint, takes
from config.local.stripe.errors import ApiError, InvalidParameter, unexpected_state
from config.local.stripe.ids import new_id
from config.local.stripe.lists import page
from config.local.stripe.params import (
    RETRIEVE,
    WITHIN,
    Boolean,
    Currency,
    Email,
    Integer,
    Metadata,
    Parameter,
    Text,
    Url,
    listing,
    merge_metadata,
)
from config.local.stripe.resources import charges
from config.local.stripe.resources.customers import SHIPPING, living_customer, whole_address
from config.local.stripe.resources.intent_params import (
    AUTOMATIC_METHODS,
    CAPTURE_METHOD,
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
from config.local.stripe.resources.payment_intent_fields import blank_payment_intent
from config.local.stripe.shapes import Fields

SET_AT_WILL = (
    "capture_method",
    "description",
    "payment_method_types",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
DESCRIBING: dict[str, Parameter] = {
    "amount": Integer(least=1, most=99_999_999),
    "capture_method": CAPTURE_METHOD,
    "currency": Currency(),
    "customer": Text(),
    "description": Text(longest=1000),
    "metadata": Metadata(),
    "payment_method": Text(),
    "payment_method_options": CARD_OPTIONS,
    "payment_method_types": METHOD_TYPES,
    "receipt_email": Email(),
    "setup_future_usage": FUTURE_USAGE,
    "shipping": SHIPPING,
    "statement_descriptor": Text(longest=22),
    "statement_descriptor_suffix": Text(longest=22),
    "transfer_group": Text(),
}
CONFIRMING: dict[str, Parameter] = {
    "error_on_requires_action": Boolean(),
    "off_session": Boolean(),
    "return_url": Url(),
}
CONFIRM_ONLY = ("capture_method", "payment_method", "payment_method_options", "payment_method_types", "receipt_email")
CONFIRM_TAKES = {name: DESCRIBING[name] for name in (*CONFIRM_ONLY, "setup_future_usage", "shipping")} | CONFIRMING
CANCELABLE = (*CONFIRMABLE, "requires_capture")
CANCELLATION = Text(choices=("abandoned", "duplicate", "fraudulent", "requested_by_customer"))


def new_intent(account: Account, params: Fields) -> Fields:
    """Keep an intent for these parameters and tell `payment_intent.created`. Raises ApiError for a bad one."""
    _check_amount(params["amount"], currency=params["currency"])
    intent = blank_payment_intent(new_id("payment_intent"))
    intent |= {name: params[name] for name in ("amount", "currency")}
    choose_method_types(intent, params)
    _describe(account, intent, params)
    account.add(intent)
    account.tell("payment_intent.created", intent)
    return intent


def cancel(account: Account, intent: Fields, *, reason: str | None) -> Fields:
    """End an intent, let its authorisation go, and tell `payment_intent.canceled`."""
    end_challenges(account, intent)
    if intent["status"] == "requires_capture":
        charges.release(account, account.find("charge", intent["latest_charge"]))
    intent |= {
        "status": "canceled",
        "canceled_at": account.now(),
        "cancellation_reason": reason,
        "amount_capturable": 0,
    }
    account.put(intent)
    account.tell("payment_intent.canceled", intent)
    return intent


def _check_amount(amount: int, *, currency: str) -> None:
    least = least_charge(currency=currency)
    if amount < least:
        message = f"Amount must be at least {least} {currency} in the currency's smallest unit"
        raise InvalidParameter(message, param="amount", code="amount_too_small")


def _describe(account: Account, intent: Fields, params: Fields) -> None:
    """Write what the parameters say into an intent that is not yet paid."""
    if "customer" in params:
        intent["customer"] = living_customer(account, params["customer"])["id"]
    if "metadata" in params:
        intent["metadata"] = merge_metadata(old=intent["metadata"], new=params["metadata"])
    if "payment_method_options" in params:
        intent["payment_method_options"] = card_options(params["payment_method_options"])
    if "shipping" in params:
        shipping = params["shipping"]
        intent["shipping"] = {"carrier": None, "phone": None, "tracking_number": None} | shipping
        intent["shipping"]["address"] = whole_address(shipping["address"])
    intent |= {name: params[name] for name in SET_AT_WILL if name in params}
    if "payment_method" in params:
        _choose(account, intent, params["payment_method"])


def _choose(account: Account, intent: Fields, id: str) -> None:
    method = usable_method(account, id)
    check_owner(intent, method)
    intent |= {"payment_method": method["id"], "status": "requires_confirmation"}


def _create(call: Call) -> Fields:
    params = call.params
    for name in CONFIRMING:
        if name in params and not params.get("confirm"):
            raise InvalidParameter(
                f"The parameter `{name}` cannot be passed without `confirm` set to true.", param=name
            )
    intent = new_intent(call.account, params)
    return _confirm_with(call, intent) if params.get("confirm") else intent


def _confirm_with(call: Call, intent: Fields) -> Fields:
    if intent["payment_method"] is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise unexpected_state(intent=intent, message=message)
    absent = bool(call.params.get("off_session") or call.params.get("error_on_requires_action"))
    method = call.account.find("payment_method", intent["payment_method"])
    check_return_url(intent, return_url=call.params.get("return_url"))
    confirm(call.account, intent, method=method, return_url=call.params.get("return_url"), buyer_is_there=not absent)
    return refuse_if_declined(intent)


def _retrieve(call: Call) -> Fields:
    return call.account.find("payment_intent", call.ids["intent"], param="intent")


def _update(call: Call) -> Fields:
    intent = _retrieve(call)
    if intent["status"] not in CONFIRMABLE:
        message = f"This PaymentIntent could not be updated because it has a status of {intent['status']}."
        raise unexpected_state(intent=intent, message=message)
    intent |= {name: value for name, value in call.params.items() if name in ("amount", "currency")}
    _check_amount(intent["amount"], currency=intent["currency"])
    _describe(call.account, intent, call.params)
    return call.account.put(intent)


def _confirm(call: Call) -> Fields:
    intent = _retrieve(call)
    _refuse_of_session(call.account, intent, doing="confirm")
    check_confirmable(intent)
    _describe(call.account, intent, call.params)
    return _confirm_with(call, intent)


def _capture(call: Call) -> Fields:
    intent, account = _retrieve(call), call.account
    if intent["status"] != "requires_capture":
        message = f"This PaymentIntent could not be captured because it has a status of {intent['status']}."
        raise unexpected_state(intent=intent, message=message)
    amount = call.params["amount_to_capture"] if "amount_to_capture" in call.params else intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        message = f"The amount to capture is greater than the capturable amount, {intent['amount_capturable']}."
        raise InvalidParameter(message, param="amount_to_capture", code="amount_too_large")
    charges.capture(account, account.find("charge", intent["latest_charge"]), amount=amount)
    if "metadata" in call.params:
        intent["metadata"] = merge_metadata(old=intent["metadata"], new=call.params["metadata"])
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    account.put(intent)
    _mark_session_paid(account, intent)
    account.tell("payment_intent.succeeded", intent)
    return intent


def _mark_session_paid(account: Account, intent: Fields) -> None:
    id = account.private(intent["id"]).get("session")
    if id:
        account.put(account.find("checkout.session", id) | {"payment_status": "paid"})


def _cancel(call: Call) -> Fields:
    intent = _retrieve(call)
    if intent["status"] != "requires_capture":
        _refuse_of_session(call.account, intent, doing="cancel")
    if intent["status"] not in CANCELABLE:
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        raise unexpected_state(intent=intent, message=message)
    return cancel(call.account, intent, reason=call.params.get("cancellation_reason"))


def _refuse_of_session(account: Account, intent: Fields, *, doing: str) -> None:
    session = account.private(intent["id"]).get("session")
    if session:
        message = f"You cannot {doing} this PaymentIntent: it was created by a Checkout Session. "
        raise ApiError(status=400, message=message + f"To cancel it, expire the Checkout Session {session} instead.")


def _list(call: Call) -> Fields:
    return page(call, "payment_intent", customer=call.params.get("customer"))


CREATE = takes(
    DESCRIBING | CONFIRMING,
    required=("amount", "currency"),
    automatic_payment_methods=AUTOMATIC_METHODS,
    confirm=Boolean(),
)
CAPTURE = takes(amount_to_capture=Integer(least=1), metadata=Metadata())
ENDPOINTS = (
    Endpoint("POST", "/v1/payment_intents", _create, CREATE),
    Endpoint("GET", "/v1/payment_intents", _list, listing(customer=Text(), created=WITHIN)),
    Endpoint("GET", "/v1/payment_intents/{intent}", _retrieve, RETRIEVE),
    Endpoint("POST", "/v1/payment_intents/{intent}", _update, takes(DESCRIBING)),
    Endpoint("POST", "/v1/payment_intents/{intent}/confirm", _confirm, takes(CONFIRM_TAKES)),
    Endpoint("POST", "/v1/payment_intents/{intent}/capture", _capture, CAPTURE),
    Endpoint("POST", "/v1/payment_intents/{intent}/cancel", _cancel, takes(cancellation_reason=CANCELLATION)),
)
