"""The one Stripe account that the sandbox is: its objects, its clock, and the events that its changes cause."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from config.local.stripe import outbox
from config.local.stripe.errors import ApiError, no_such
from config.local.stripe.ids import new_id
from config.local.stripe.shapes import Fields
from config.local.stripe.store import Store

API_VERSION = "2026-08-26.dahlia"
WITHOUT = {"balance_transaction": ("livemode",), "item": ("created", "livemode"), "refund": ("livemode",)}
"""What Stripe leaves out of objects of these kinds."""


@dataclass(frozen=True)
class Cause:
    """The request that a change comes from; both None for what a buyer or the clock did."""

    request: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Settings:
    """What the caller chose: where hosted pages are seen from outside, who sells, and the one key."""

    public_url: str
    secret_key: str
    merchant: str = "Stagedoor"


class Account:
    """Objects by id, inside `change`: what is written and which events are sent commit together."""

    def __init__(self, *, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self._cause = Cause()
        self._burst: list[str] = []

    @contextmanager
    def change(self, cause: Cause | None = None) -> Iterator[None]:
        """A transaction with a cause; its events are queued for delivery as one burst when it commits."""
        with self.store.transaction():
            self._cause, self._burst = cause or Cause(), []
            yield
            outbox.queue(store=self.store, events=self._burst)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Part of a change that is undone, events included, when it is refused, unless the refusal keeps changes."""
        told = len(self._burst)
        kept: ApiError | None = None
        try:
            with self.store.savepoint():
                try:
                    yield
                except ApiError as refusal:
                    if not refusal.keeps_changes:
                        raise
                    kept = refusal
        except BaseException:
            del self._burst[told:]
            raise
        if kept:
            raise kept

    def now(self) -> int:
        """The account's clock in epoch seconds: the machine's, plus what a test has advanced it by."""
        return int(time.time()) + int(self.store.setting("clock_offset", default="0"))

    def add(self, body: Fields, *, private: Fields | None = None) -> Fields:
        """Keep a new object, with id, created and livemode filled in where its kind has them."""
        kind = body["object"]
        usual = {"id": body.get("id") or new_id(kind), "created": self.now(), "livemode": False}
        body |= {name: value for name, value in usual.items() if name not in WITHOUT.get(kind, ())}
        self.store.insert(id=body["id"], kind=kind, body=body, private=private or {})
        return body

    def put(self, body: Fields) -> Fields:
        """Keep an object's new state."""
        self.store.update(id=body["id"], column="body", value=body)
        return body

    def find(self, kind: str, id: str, *, param: str = "id", status: int = 404) -> Fields:
        """The object of this kind with this id. Raises ApiError resource_missing."""
        found = self.store.read(id=id)
        if found is None or found[0] != kind:
            raise no_such(kind=kind, id=id, param=param, status=status)
        return found[1]

    def named(self, kind: str, id: str, *, param: str) -> Fields:
        """The object that a parameter names. Raises ApiError 400 resource_missing."""
        return self.find(kind, id, param=param, status=400)

    def private(self, id: str) -> Fields:
        """What the sandbox knows about an object and Stripe would not show."""
        found = self.store.read(id=id)
        return found[2] if found else {}

    def note(self, id: str, **private: object) -> None:
        """Add to what is known about an object in private."""
        self.store.update(id=id, column="private", value=self.private(id) | private)

    def tell(self, type: str, body: Fields, *, previous: Fields | None = None) -> None:
        """Record an event about an object as it is now."""
        content: Fields = {"object": body}
        if previous is not None:
            content["previous_attributes"] = previous
        event = self.add(
            {
                "object": "event",
                "api_version": API_VERSION,
                "data": content,
                "pending_webhooks": 0,
                "request": {"id": self._cause.request, "idempotency_key": self._cause.idempotency_key},
                "type": type,
            }
        )
        self._burst.append(event["id"])
