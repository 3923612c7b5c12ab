"""Customers: whom saved cards belong to."""

from config.local.stripe.account import Account
from config.local.stripe.endpoints import Call, Endpoint, takes
from config.local.stripe.errors import no_such
from config.local.stripe.ids import token
from config.local.stripe.lists import page
from config.local.stripe.params import (
    ADDRESS,
    RETRIEVE,
    WITHIN,
    Array,
    Email,
    Metadata,
    Parameter,
    Shape,
    Text,
    listing,
    merge_metadata,
)
from config.local.stripe.shapes import Fields

PLAIN = ("name", "email", "phone", "description")
INVOICE_SETTINGS = Shape({"default_payment_method": Text(clearable=True)})
SHIPPING = Shape({"address": ADDRESS, "name": Text(), "phone": Text()}, ("address", "name"))
EDITABLE: dict[str, Parameter] = {
    "name": Text(clearable=True, longest=256),
    "email": Email(),
    "phone": Text(clearable=True, longest=20),
    "description": Text(clearable=True),
    "address": ADDRESS,
    "shipping": SHIPPING,
    "metadata": Metadata(),
    "invoice_settings": INVOICE_SETTINGS,
    "preferred_locales": Array(Text()),
}


def new_customer(account: Account, *, email: str | None = None, name: str | None = None) -> Fields:
    """Keep a customer and tell `customer.created`."""
    customer = account.add(_blank() | {"email": email, "name": name})
    account.tell("customer.created", customer)
    return customer


def living_customer(account: Account, id: str, *, param: str = "customer") -> Fields:
    """The customer that a parameter names. Raises ApiError 400 for one that was never there, or was deleted."""
    customer = account.named("customer", id, param=param)
    if customer.get("deleted"):
        raise no_such(kind="customer", id=id, param=param, status=400)
    return customer


def whole_address(given: Fields | None) -> Fields:
    """An address with every field present."""
    return {name: (given or {}).get(name) for name in ADDRESS.fields}


def _blank() -> Fields:
    return {
        "object": "customer",
        "address": None,
        "balance": 0,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": token(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _edit(account: Account, customer: Fields, params: Fields) -> None:
    default = params.get("invoice_settings", {}).get("default_payment_method")
    if default:
        account.named("payment_method", default, param="invoice_settings[default_payment_method]")
    if "invoice_settings" in params:
        customer["invoice_settings"]["default_payment_method"] = default
    if "metadata" in params:
        customer["metadata"] = merge_metadata(old=customer["metadata"], new=params["metadata"])
    if "address" in params:
        customer["address"] = whole_address(params["address"])
    if "shipping" in params:
        shipping = params["shipping"]
        customer["shipping"] = {"phone": None} | shipping | {"address": whole_address(shipping["address"])}
    customer |= {name: params[name] for name in (*PLAIN, "preferred_locales") if name in params}


def _create(call: Call) -> Fields:
    customer = _blank()
    _edit(call.account, customer, call.params)
    customer = call.account.add(customer)
    call.account.tell("customer.created", customer)
    return customer


def _retrieve(call: Call) -> Fields:
    return call.account.find("customer", call.ids["customer"])


def _update(call: Call) -> Fields:
    customer = _retrieve(call)
    if customer.get("deleted"):
        raise no_such(kind="customer", id=customer["id"], param="id")
    before = dict(customer)
    _edit(call.account, customer, call.params)
    changed = {name: before[name] for name in customer if customer[name] != before[name]}
    call.account.put(customer)
    if changed:
        call.account.tell("customer.updated", customer, previous=changed)
    return customer


def _delete(call: Call) -> Fields:
    customer = _retrieve(call)
    call.account.tell("customer.deleted", customer)
    return call.account.put({"id": customer["id"], "object": "customer", "deleted": True})


def _list(call: Call) -> Fields:
    return page(call, "customer", email=call.params.get("email"))


ENDPOINTS = (
    Endpoint("POST", "/v1/customers", _create, takes(EDITABLE)),
    Endpoint("GET", "/v1/customers", _list, listing(email=Text(), created=WITHIN)),
    Endpoint("GET", "/v1/customers/{customer}", _retrieve, RETRIEVE),
    Endpoint("POST", "/v1/customers/{customer}", _update, takes(EDITABLE)),
    Endpoint("DELETE", "/v1/customers/{customer}", _delete, Shape()),
)
