"""The `/v1` API: who asks, which endpoint, at what rate, once or again; then the handler inside one change."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from config.local.stripe import faults, form, idempotency
from config.local.stripe.account import API_VERSION, Account, Cause
from config.local.stripe.endpoints import Call, Endpoint
from config.local.stripe.errors import (
    ApiError,
    InvalidParameter,
    hung_up,
    outage,
    rate_limited,
    unauthorized,
    unrecognized_url,
)
from config.local.stripe.expand import expand
from config.local.stripe.ids import new_id
from config.local.stripe.limits import RateLimits
from config.local.stripe.resources.table import ENDPOINTS
from config.local.stripe.shapes import Fields, RawForm

Hang = Callable[[float], Awaitable[None]]
"""Keeps the client waiting for so many seconds, or until it gives up."""


@dataclass(frozen=True)
class Request:
    """An HTTP request, read to its end; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Answer:
    """What is sent back: a status, a JSON document, and headers."""

    status: int
    body: Fields
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request on its way to a handler: its endpoint, the ids in its path, its form, and what it causes."""

    endpoint: Endpoint
    ids: dict[str, str]
    path: str
    form: RawForm
    cause: Cause


class Api:
    """Stripe's API over one account."""

    def __init__(self, *, account: Account, limits: RateLimits) -> None:
        self._account = account
        self._limits = limits
        self._keys = idempotency.KeysInUse()

    async def respond(self, request: Request, *, hang: Hang) -> Answer:
        """Answer a request, refusals included."""
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        cause = Cause(request=new_id("request"), idempotency_key=key)
        try:
            answer = await self._suffer(self._admit(request, cause=cause), method=request.method, hang=hang)
        except ApiError as refusal:
            answer = Answer(refusal.status, refusal.body, refusal.headers)
        usual = {"Request-Id": cause.request or "", "Stripe-Version": API_VERSION}
        return Answer(answer.status, answer.body, usual | ({"Idempotency-Key": key} if key else {}) | answer.headers)

    def _admit(self, request: Request, *, cause: Cause) -> Asked:
        check_key(request, secret_key=self._account.settings.secret_key)
        _check_address(request)
        endpoint, ids = _find_endpoint(method=request.method, path=request.path)
        self._limits.admit(endpoint=f"{endpoint.method} {endpoint.path}")
        decoded = form.decode(request.body if request.method == "POST" else request.query)
        return Asked(endpoint=endpoint, ids=ids, path=request.path, form=decoded, cause=cause)

    async def _suffer(self, asked: Asked, *, method: str, hang: Hang) -> Answer:
        fault = faults.for_call(store=self._account.store, method=method, path=asked.path)
        kind, seconds = (fault.kind, fault.seconds) if fault else ("", 0.0)
        if kind == "rate_limited":
            raise rate_limited(reason="global-rate")
        if kind == "timeout_before":
            await hang(seconds)
            raise hung_up()
        with self._keys.claim(asked.cause.idempotency_key):
            if kind == "slow":
                await asyncio.sleep(seconds)
            answer = self._once(asked, broken=kind)
        if kind == "timeout_after":
            await hang(seconds)
            raise hung_up()
        return answer

    def _once(self, asked: Asked, *, broken: str) -> Answer:
        """The answer this request's key was given before, else a new one, which the fault in `broken` may hide."""
        key, store, endpoint = asked.cause.idempotency_key, self._account.store, f"{asked.endpoint.method} {asked.path}"
        before = idempotency.recall(store=store, key=key, endpoint=endpoint, form=asked.form) if key else None
        if before:
            return Answer(
                before.status, before.body, {"Idempotent-Replayed": "true", "Original-Request": before.request}
            )
        params = asked.endpoint.params.read(asked.form)
        with self._account.change(asked.cause):
            done = self._handled(asked, params) if broken != "error_before" else None
            answer = Answer(500, outage().body) if done is None or broken == "error_after" else done
            if key:
                given = idempotency.Remembered(
                    status=answer.status, body=answer.body, request=asked.cause.request or ""
                )
                now = self._account.now()
                idempotency.remember(store=store, key=key, endpoint=endpoint, form=asked.form, answer=given, at=now)
        return answer

    def _handled(self, asked: Asked, params: Fields) -> Answer:
        paths = params.pop("expand", [])
        try:
            with self._account.attempt():
                call = Call(account=self._account, params=params, ids=asked.ids, path=asked.path)
                return Answer(200, expand(self._account, asked.endpoint.handler(call), paths=paths))
        except InvalidParameter:
            raise
        except ApiError as refusal:
            return Answer(refusal.status, refusal.body, refusal.headers)


def check_key(request: Request, *, secret_key: str) -> None:
    """Raises ApiError 401 unless the secret key came along, as bearer token or as basic user name."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given = _basic_user(given)
    if not given:
        raise unauthorized(
            message="You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if given != secret_key:
        raise unauthorized(message=f"Invalid API Key provided: {given[:8]}{'*' * 12}{given[-4:]}")


def _basic_user(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _check_address(request: Request) -> None:
    version = request.headers.get("stripe-version", API_VERSION)
    if "stripe-account" in request.headers:
        raise ApiError(status=403, message="The sandbox is one account and has no connected ones.")
    if version != API_VERSION:
        raise ApiError(
            status=400, message=f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION} only."
        )


def _find_endpoint(*, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    for endpoint in ENDPOINTS:
        ids = endpoint.match(path) if endpoint.method == method else None
        if ids is not None:
            return endpoint, ids
    raise unrecognized_url(method=method, path=path)
