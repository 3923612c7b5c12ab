"""The sandbox's own endpoints under `/_sandbox/`: health, faults, rate limits, the clock, webhook deliveries."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.local.stripe import faults, outbox
from config.local.stripe.account import Account
from config.local.stripe.api import Answer, Request, check_key
from config.local.stripe.errors import ApiError, InvalidParameter, missing_parameter, unrecognized_url
from config.local.stripe.limits import RateLimits
from config.local.stripe.resources.refunds import settle_due
from config.local.stripe.resources.sessions import expire_due
from config.local.stripe.shapes import Fields

HEALTH = "/_sandbox/healthz"
SHOWN_DELIVERIES = 200


@dataclass(frozen=True)
class Control:
    """What the switches act on."""

    account: Account
    limits: RateLimits

    def respond(self, request: Request) -> Answer:
        """Answer a control request; everything but health wants the secret key."""
        try:
            if request.path == HEALTH:
                return Answer(200, {"ok": True, "pid": os.getpid()})
            check_key(request, secret_key=self.account.settings.secret_key)
            action = _ACTIONS.get((request.method, request.path))
            if action is None:
                raise unrecognized_url(method=request.method, path=request.path)
            return Answer(200, action(self, _json(request.body)))
        except ApiError as refusal:
            return Answer(refusal.status, refusal.body)


def _json(body: str) -> Any:
    try:
        return json.loads(body) if body else {}
    except ValueError:
        raise ApiError(status=400, message="The body is not JSON.") from None


def _show_faults(control: Control, _asked: Any) -> Fields:
    return {"faults": [fault.as_json() for fault in faults.active(store=control.account.store)]}


def _order_faults(control: Control, asked: Any) -> Fields:
    wanted = asked if isinstance(asked, list) else [asked]
    with control.account.store.transaction():
        for one in wanted:
            if not isinstance(one, dict):
                raise InvalidParameter("A fault is an object, or a list of them.", param="kind")
            faults.order(store=control.account.store, asked=one)
    return _show_faults(control, None)


def _reset_faults(control: Control, _asked: Any) -> Fields:
    faults.reset(store=control.account.store)
    return _show_faults(control, None)


def _show_limits(control: Control, _asked: Any) -> Fields:
    return {"enforced": control.limits.enforced}


def _set_limits(control: Control, asked: Any) -> Fields:
    if not isinstance(asked, dict) or not isinstance(asked.get("enforced"), bool):
        raise missing_parameter(param="enforced")
    control.limits.enforced = asked["enforced"]
    return _show_limits(control, None)


def _show_clock(control: Control, _asked: Any) -> Fields:
    return {"now": control.account.now(), "ahead_s": control.account.now() - int(time.time())}


def _advance_clock(control: Control, asked: Any) -> Fields:
    if not isinstance(asked, dict) or not isinstance(asked.get("advance_s"), int):
        raise missing_parameter(param="advance_s")
    store = control.account.store
    store.set("clock_offset", str(int(store.setting("clock_offset", default="0")) + asked["advance_s"]))
    expire_due(control.account)
    settle_due(control.account)
    return _show_clock(control, None)


def _show_deliveries(control: Control, _asked: Any) -> Fields:
    rows = control.account.store.rows(
        "SELECT event, body ->> '$.type', endpoint, state, attempts, answer FROM delivery JOIN object ON id = event "
        "ORDER BY delivery.seq DESC LIMIT ?",
        (SHOWN_DELIVERIES,),
    )
    names = ("event", "type", "endpoint", "state", "attempts", "answer")
    return {"deliveries": [dict(zip(names, row, strict=True)) for row in rows]}


def _resend(control: Control, asked: Any) -> Fields:
    if not isinstance(asked, dict) or not isinstance(asked.get("event"), str):
        raise missing_parameter(param="event")
    control.account.find("event", asked["event"])
    with control.account.store.transaction():
        outbox.queue(store=control.account.store, events=[asked["event"]])
    return _show_deliveries(control, None)


_ACTIONS: dict[tuple[str, str], Callable[[Control, Any], Fields]] = {
    ("GET", "/_sandbox/faults"): _show_faults,
    ("POST", "/_sandbox/faults"): _order_faults,
    ("DELETE", "/_sandbox/faults"): _reset_faults,
    ("GET", "/_sandbox/rate-limits"): _show_limits,
    ("POST", "/_sandbox/rate-limits"): _set_limits,
    ("GET", "/_sandbox/clock"): _show_clock,
    ("POST", "/_sandbox/clock"): _advance_clock,
    ("GET", "/_sandbox/deliveries"): _show_deliveries,
    ("POST", "/_sandbox/deliveries"): _resend,
}
