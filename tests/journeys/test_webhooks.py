"""What comes in Stripe's name from elsewhere is refused, and what comes again changes nothing."""

import json
from time import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from config.local.stack import Stack
from config.local.stripe.courier import signature_header
from config.local.world import World
from tests.journeys.buyer import Buyer
from tests.journeys.conftest import Ask

pytestmark = pytest.mark.stack

TOO_OLD_S = 301


def test_a_forged_or_old_webhook_is_refused_and_one_that_comes_again_changes_nothing(
    house: Stack, world: World, buyer: Buyer, ask: Ask
) -> None:
    buyer.buys_a_file()
    payload = _event_of(world, buyer)
    secret, now = house.house.environment()["STRIPE_WEBHOOK_SECRET"], int(time())
    genuine = signature_header(payload=payload, secret=secret, at=now)
    before = _kept(ask)

    forged = [
        _post(world, payload, ""),
        _post(world, payload, signature_header(payload=payload, secret="whsec_" + "0" * 48, at=now)),
        _post(world, payload, signature_header(payload=payload, secret=secret, at=now - TOO_OLD_S)),
        _post(world, payload.replace(b'"evt_', b'"evt_0'), genuine),
        _post(world, b"\xff\x00", signature_header(payload=b"\xff\x00", secret=secret, at=now)),
    ]
    again = _post(world, payload, genuine)

    assert forged == [400] * 5
    assert again == 200
    assert _kept(ask) == before
    assert len(buyer.mails) == 1


def _event_of(world: World, buyer: Buyer) -> bytes:
    """The body of the webhook that said that the order is paid."""
    events = world.stripe("/v1/events?limit=100&type=checkout.session.completed")["data"]
    event = next(one for one in events if one["data"]["object"]["metadata"].get("order") == buyer.number)
    return json.dumps(event, indent=2).encode()


def _post(world: World, payload: bytes, signature: str) -> int:
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    request = Request(f"{world.base_url}/api/v1/webhooks/stripe/", data=payload, headers=headers)  # noqa: S310
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def _kept(ask: Ask) -> list[tuple[object, ...]]:
    """What the house knows of webhooks, payments, orders and letters."""
    return ask("""select (select count(*) from shop_webhookevent), (select count(*) from shop_attempt),
                         (select count(*) from shop_order where state = 'paid'), (select count(*) from shop_mail)""")
