"""Events: what happened, for thirty days in Stripe and for as long as the file lives here."""

from config.local.stripe.endpoints import Call, Endpoint
from config.local.stripe.lists import page
from config.local.stripe.params import RETRIEVE, WITHIN, Text, listing
from config.local.stripe.shapes import Fields


def _retrieve(call: Call) -> Fields:
    return call.account.find("event", call.ids["id"])


def _list(call: Call) -> Fields:
    return page(call, "event", type=call.params.get("type"))


ENDPOINTS = (
    Endpoint("GET", "/v1/events", _list, listing(type=Text(), created=WITHIN)),
    Endpoint("GET", "/v1/events/{id}", _retrieve, RETRIEVE),
)
