"""Checkout sessions: a hosted page where a buyer pays for line items, or saves a card."""

from config.local.stripe.account import Account
from config.local.stripe.currencies import least_charge
from config.local.stripe.endpoints import Call, Endpoint, takes
from config.local.stripe.errors import ApiError, InvalidParameter, missing_parameter
from config.local.stripe.lists import page, slice_of
from config.local.stripe.params import (
    INSTANT,
    RETRIEVE,
    WITHIN,
    Currency,
    Email,
    Metadata,
    Shape,
    Text,
    Url,
    listing,
    merge_metadata,
)
from config.local.stripe.resources.customers import SHIPPING, living_customer
from config.local.stripe.resources.intent_params import (
    CAPTURE_METHOD,
    CARD_OPTIONS,
    CONFIRMABLE,
    FUTURE_USAGE,
    METHOD_TYPES,
)
from config.local.stripe.resources.line_items import LINE_ITEMS, new_items
from config.local.stripe.resources.payment_intents import cancel
from config.local.stripe.resources.session_fields import INTENT_FIELD, LONGEST_S, blank_session
from config.local.stripe.resources.setup_intents import cancel_setup
from config.local.stripe.shapes import Fields

SHORTEST_S = 30 * 60
SAVE_OPTIONS = Shape({"payment_method_save": Text(choices=("disabled", "enabled"))})
PAYMENT_DATA = Shape(
    {
        "capture_method": CAPTURE_METHOD,
        "description": Text(longest=1000),
        "metadata": Metadata(),
        "receipt_email": Email(),
        "setup_future_usage": FUTURE_USAGE,
        "shipping": SHIPPING,
        "statement_descriptor": Text(longest=22),
        "statement_descriptor_suffix": Text(longest=22),
        "transfer_group": Text(),
    }
)
SETUP_DATA = Shape({"description": Text(longest=1000), "metadata": Metadata()})
CREATE = takes(
    required=("mode", "success_url"),
    cancel_url=Url(),
    client_reference_id=Text(longest=200),
    currency=Currency(),
    customer=Text(),
    customer_creation=Text(choices=("always", "if_required")),
    customer_email=Email(),
    expires_at=INSTANT,
    line_items=LINE_ITEMS,
    locale=Text(choices=("auto", "de", "en", "en-GB", "es", "fr", "it", "nl", "pt")),
    metadata=Metadata(),
    mode=Text(choices=("payment", "setup")),
    payment_intent_data=PAYMENT_DATA,
    payment_method_options=CARD_OPTIONS,
    payment_method_types=METHOD_TYPES,
    saved_payment_method_options=SAVE_OPTIONS,
    setup_intent_data=SETUP_DATA,
    submit_type=Text(choices=("auto", "book", "donate", "pay")),
    success_url=Url(),
    ui_mode=Text(choices=("hosted_page",)),
)


def session_now(account: Account, id: str) -> Fields:
    """The session as it is at this instant: one whose end has passed is expired first. Raises ApiError 404."""
    session = account.find("checkout.session", id, param="session")
    if session["status"] == "open" and session["expires_at"] <= account.now():
        return expire(account, session)
    return session


def expire(account: Account, session: Fields) -> Fields:
    """End an open session, cancel the intent it was paying with, and tell `checkout.session.expired`."""
    session |= {"status": "expired", "url": None}
    account.put(session)
    _end_intent(account, session)
    account.tell("checkout.session.expired", session)
    return session


def expire_due(account: Account) -> None:
    """End every open session whose time is over."""
    rows = account.store.rows(
        "SELECT id FROM object WHERE kind = 'checkout.session' AND body ->> '$.status' = 'open' "
        "AND body ->> '$.expires_at' <= ?",
        (account.now(),),
    )
    for (id,) in rows:
        with account.change():
            session_now(account, id)


def line_items_of(account: Account, session: Fields) -> Fields:
    """The list that `expand[]=line_items` opens: the first ten."""
    path = f"/v1/checkout/sessions/{session['id']}/line_items"
    return _line_items(Call(account=account, params={}, ids={"session": session["id"]}, path=path))


def _end_intent(account: Account, session: Fields) -> None:
    field = INTENT_FIELD[session["mode"]]
    if session[field] is None:
        return
    intent = account.find(field, session[field])
    if intent["status"] in CONFIRMABLE:
        if field == "payment_intent":
            cancel(account, intent, reason="expired")
        else:
            cancel_setup(account, intent)


def _create(call: Call) -> Fields:
    params, account = call.params, call.account
    _check(account, params)
    items = new_items(account, params["line_items"]) if params["mode"] == "payment" else []
    session = blank_session(account, params) | _amounts(items)
    private = {
        "line_items": [item["id"] for item in items],
        "payment_intent_data": params.get("payment_intent_data", {}),
        "setup_intent_data": params.get("setup_intent_data", {}),
    }
    return account.add(session, private=private)


def _check(account: Account, params: Fields) -> None:
    paying = params["mode"] == "payment"
    if paying and not params.get("line_items"):
        raise missing_parameter(param="line_items")
    for name in ("setup_intent_data",) if paying else ("line_items", "payment_intent_data", "submit_type"):
        if name in params:
            message = f"You can not pass `{name}` in `{params['mode']}` mode."
            raise InvalidParameter(message, param=name)
    if "customer" in params and "customer_email" in params:
        message = "You may only specify one of these parameters: customer, customer_email."
        raise InvalidParameter(message, param="customer")
    if "customer" in params:
        living_customer(account, params["customer"])
    _check_end(params.get("expires_at"), now=account.now())


def _check_end(expires_at: int | None, *, now: int) -> None:
    if expires_at is not None and expires_at < now + SHORTEST_S:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise InvalidParameter(message, param="expires_at")
    if expires_at is not None and expires_at > now + LONGEST_S:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise InvalidParameter(message, param="expires_at")


def _amounts(items: list[Fields]) -> Fields:
    if not items:
        return {"amount_subtotal": None, "amount_total": None, "total_details": None}
    total, currency = sum(item["amount_total"] for item in items), items[0]["currency"]
    if total < least_charge(currency=currency):
        message = f"The Checkout Session's total amount must be at least {least_charge(currency=currency)} {currency}."
        raise InvalidParameter(message, param="line_items", code="amount_too_small")
    details = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
    return {"amount_subtotal": total, "amount_total": total, "currency": currency, "total_details": details}


def _retrieve(call: Call) -> Fields:
    return session_now(call.account, call.ids["session"])


def _update(call: Call) -> Fields:
    session = _retrieve(call)
    if "metadata" in call.params:
        session["metadata"] = merge_metadata(old=session["metadata"], new=call.params["metadata"])
    return call.account.put(session)


def _expire(call: Call) -> Fields:
    session = _retrieve(call)
    if session["status"] != "open":
        message = 'Only Checkout Sessions with a status in ["open"] can be expired. '
        raise ApiError(status=400, message=f"{message}This Checkout Session has a status of `{session['status']}`.")
    return expire(call.account, session)


def _line_items(call: Call) -> Fields:
    call.account.find("checkout.session", call.ids["session"], param="session")
    ids = call.account.private(call.ids["session"])["line_items"]
    return slice_of(call, [call.account.find("item", id) for id in ids])


def _list(call: Call) -> Fields:
    filters = {name: call.params.get(name) for name in ("customer", "payment_intent", "status")}
    return page(call, "checkout.session", **filters)


STATUS = Text(choices=("open", "complete", "expired"))
ENDPOINTS = (
    Endpoint("POST", "/v1/checkout/sessions", _create, CREATE),
    Endpoint(
        "GET",
        "/v1/checkout/sessions",
        _list,
        listing(customer=Text(), payment_intent=Text(), status=STATUS, created=WITHIN),
    ),
    Endpoint("GET", "/v1/checkout/sessions/{session}", _retrieve, RETRIEVE),
    Endpoint("POST", "/v1/checkout/sessions/{session}", _update, takes(metadata=Metadata())),
    Endpoint("POST", "/v1/checkout/sessions/{session}/expire", _expire, takes()),
    Endpoint("GET", "/v1/checkout/sessions/{session}/line_items", _line_items, listing()),
)
