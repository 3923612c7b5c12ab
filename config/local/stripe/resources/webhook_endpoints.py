"""Webhook endpoints: who is told about events, and with which secret the telling is signed."""

from config.local.stripe.account import API_VERSION, Account
from config.local.stripe.endpoints import Call, Endpoint, takes
from config.local.stripe.ids import token
from config.local.stripe.lists import page
from config.local.stripe.params import (
    RETRIEVE,
    Array,
    Boolean,
    Metadata,
    Parameter,
    Shape,
    Text,
    Url,
    listing,
    merge_metadata,
)
from config.local.stripe.shapes import Fields

EDITABLE: dict[str, Parameter] = {
    "url": Url(),
    "enabled_events": Array(Text()),
    "description": Text(clearable=True),
    "metadata": Metadata(),
}


def ensure_endpoint(account: Account, *, url: str, secret: str) -> None:
    """Have exactly one endpoint at this address, for all events, signed with this secret."""
    for (id,) in account.store.rows(
        "SELECT id FROM object WHERE kind = 'webhook_endpoint' AND body ->> '$.url' = ?", (url,)
    ):
        account.store.delete(id=id)
    account.add(_blank(url=url, enabled_events=["*"]), private={"secret": secret})


def _blank(*, url: str, enabled_events: list[str]) -> Fields:
    return {
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "description": None,
        "enabled_events": enabled_events,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }


def _create(call: Call) -> Fields:
    params = call.params
    secret = f"whsec_{token(32)}"
    endpoint = _blank(url=params["url"], enabled_events=params["enabled_events"])
    endpoint |= {"description": params.get("description"), "metadata": params.get("metadata") or {}}
    return call.account.add(endpoint, private={"secret": secret}) | {"secret": secret}


def _retrieve(call: Call) -> Fields:
    return call.account.find("webhook_endpoint", call.ids["webhook_endpoint"])


def _update(call: Call) -> Fields:
    endpoint, params = _retrieve(call), call.params
    if "metadata" in params:
        endpoint["metadata"] = merge_metadata(old=endpoint["metadata"], new=params["metadata"])
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint |= {name: params[name] for name in ("url", "enabled_events", "description") if name in params}
    return call.account.put(endpoint)


def _delete(call: Call) -> Fields:
    endpoint = _retrieve(call)
    call.account.store.delete(id=endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _list(call: Call) -> Fields:
    return page(call, "webhook_endpoint")


ENDPOINTS = (
    Endpoint("POST", "/v1/webhook_endpoints", _create, takes(EDITABLE, required=("url", "enabled_events"))),
    Endpoint("GET", "/v1/webhook_endpoints", _list, listing()),
    Endpoint("GET", "/v1/webhook_endpoints/{webhook_endpoint}", _retrieve, RETRIEVE),
    Endpoint("POST", "/v1/webhook_endpoints/{webhook_endpoint}", _update, takes(EDITABLE, disabled=Boolean())),
    Endpoint("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}", _delete, Shape()),
)
