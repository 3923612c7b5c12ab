"""Payment methods: cards, on their own or saved for a customer."""

from datetime import UTC, datetime

from config.local.stripe import cards
from config.local.stripe.account import Account
from config.local.stripe.endpoints import Call, Endpoint, takes
from config.local.stripe.errors import ApiError, InvalidParameter, missing_parameter
from config.local.stripe.lists import page
from config.local.stripe.params import (
    ADDRESS,
    RETRIEVE,
    Integer,
    Metadata,
    Parameter,
    Shape,
    Text,
    listing,
    merge_metadata,
)
from config.local.stripe.resources.customers import living_customer
from config.local.stripe.resources.kept_cards import attach, billing_details, new_method, refuse_to_save, usable_method
from config.local.stripe.shapes import Fields

REDISPLAY = Text(choices=("always", "limited", "unspecified"))
BILLING_DETAILS = Shape(
    {
        "address": ADDRESS,
        "email": Text(clearable=True),
        "name": Text(clearable=True),
        "phone": Text(clearable=True),
    }
)
CARD = Shape(
    {
        "number": Text(),
        "exp_month": Integer(least=1, most=12),
        "exp_year": Integer(),
        "cvc": Text(),
    },
    ("number", "exp_month", "exp_year"),
)
METHOD_DATA = Shape(
    {
        "type": Text(choices=("card",)),
        "allow_redisplay": REDISPLAY,
        "billing_details": BILLING_DETAILS,
        "metadata": Metadata(),
    },
    ("type",),
)
TYPE = Text(choices=("card",))


def _create(call: Call) -> Fields:
    params = call.params
    if params.get("type") != "card":
        raise missing_parameter(param="type")
    if "card" not in params:
        raise missing_parameter(param="card")
    card = params["card"]
    _check_card(call.account, card)
    method = new_method(
        call.account,
        number=card["number"].replace(" ", ""),
        exp_month=card["exp_month"],
        exp_year=_four_digits(card["exp_year"]),
        billing=params.get("billing_details"),
        redisplay=params.get("allow_redisplay", "unspecified"),
    )
    method["metadata"] = params.get("metadata") or {}
    return call.account.put(method)


def _check_card(account: Account, card: Fields) -> None:
    if not cards.is_card_number(card["number"].replace(" ", "")):
        raise _wrong("Your card number is incorrect.", code="incorrect_number", param="number")
    today = datetime.fromtimestamp(account.now(), UTC)
    if (_four_digits(card["exp_year"]), card["exp_month"]) < (today.year, today.month):
        raise _wrong("Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year")
    if not (card.get("cvc", "000").isdecimal() and len(card.get("cvc", "000")) in (3, 4)):
        raise _wrong("Your card's security code is invalid.", code="invalid_cvc", param="cvc")


def _four_digits(year: int) -> int:
    return year + 2000 if year < 100 else year


def _wrong(message: str, *, code: str, param: str) -> ApiError:
    return ApiError(status=402, message=message, type="card_error", code=code, param=param)


def _retrieve(call: Call) -> Fields:
    return call.account.find("payment_method", call.ids["payment_method"])


def _update(call: Call) -> Fields:
    method, params = _retrieve(call), call.params
    if method["customer"] is None:
        raise ApiError(status=400, message="You must save this PaymentMethod to a customer before you can update it.")
    if "metadata" in params:
        method["metadata"] = merge_metadata(old=method["metadata"], new=params["metadata"])
    if "billing_details" in params:
        method["billing_details"] = billing_details(method["billing_details"] | params["billing_details"])
    method["allow_redisplay"] = params.get("allow_redisplay", method["allow_redisplay"])
    call.account.put(method)
    call.account.tell("payment_method.updated", method, previous={})
    return method


def _attach(call: Call) -> Fields:
    account, id = call.account, call.ids["payment_method"]
    method = usable_method(account, id) if id in cards.READY_MADE else _retrieve(call)
    if "customer" not in call.params:
        raise missing_parameter(param="customer")
    customer = living_customer(account, call.params["customer"])
    refuse_to_save(account, method)
    return attach(account, method, customer=customer["id"])


def _detach(call: Call) -> Fields:
    method, account = _retrieve(call), call.account
    if method["customer"] is None:
        raise ApiError(
            status=400,
            message="The payment method you provided is not attached to a customer so detachment is impossible.",
        )
    owner, method["customer"] = method["customer"], None
    account.note(method["id"], detached=True)
    account.put(method)
    account.tell("payment_method.detached", method, previous={"customer": owner})
    return method


def _list(call: Call) -> Fields:
    if "customer" not in call.params:
        raise missing_parameter(param="customer")
    living_customer(call.account, call.params["customer"])
    return _page(call, customer=call.params["customer"])


def _list_of_customer(call: Call) -> Fields:
    call.account.find("customer", call.ids["customer"])
    return _page(call, customer=call.ids["customer"])


def _page(call: Call, *, customer: str) -> Fields:
    filters = {name: call.params.get(name) for name in ("type", "allow_redisplay")}
    return page(call, "payment_method", customer=customer, **filters)


def _retrieve_of_customer(call: Call) -> Fields:
    method = _retrieve(call)
    if method["customer"] != call.ids["customer"]:
        raise InvalidParameter("No such payment method for this customer.", param="payment_method")
    return method


EDITABLE: dict[str, Parameter] = {
    "billing_details": BILLING_DETAILS,
    "metadata": Metadata(),
    "allow_redisplay": REDISPLAY,
}
ENDPOINTS = (
    Endpoint("POST", "/v1/payment_methods", _create, takes(EDITABLE, type=TYPE, card=CARD)),
    Endpoint("GET", "/v1/payment_methods", _list, listing(customer=Text(), type=TYPE, allow_redisplay=REDISPLAY)),
    Endpoint("GET", "/v1/payment_methods/{payment_method}", _retrieve, RETRIEVE),
    Endpoint("POST", "/v1/payment_methods/{payment_method}", _update, takes(EDITABLE)),
    Endpoint("POST", "/v1/payment_methods/{payment_method}/attach", _attach, takes(customer=Text())),
    Endpoint("POST", "/v1/payment_methods/{payment_method}/detach", _detach, takes()),
    Endpoint(
        "GET",
        "/v1/customers/{customer}/payment_methods",
        _list_of_customer,
        listing(type=TYPE, allow_redisplay=REDISPLAY),
    ),
    Endpoint("GET", "/v1/customers/{customer}/payment_methods/{payment_method}", _retrieve_of_customer, RETRIEVE),
)
