"""Which endpoint gets which event, and when: rows that the courier works off."""

import json
import time
from dataclasses import dataclass

from config.local.stripe import faults
from config.local.stripe.shapes import Fields
from config.local.stripe.store import Store


@dataclass(frozen=True)
class Delivery:
    """One attempt that is due: an event, an endpoint, and how often it was tried before."""

    seq: int
    event: str
    endpoint: str
    attempts: int


def queue(*, store: Store, events: list[str]) -> None:
    """Queue one burst of events for every endpoint that wants them, with the misfortunes that were ordered."""
    plans = [(event, faults.for_event(store=store, event=event)) for event in _read(store, events)]
    reversed_by = next((f.seconds for _, struck in plans for f in struck if f.kind == "reordered"), 0.0)
    for position, (event, struck) in enumerate(plans):
        delay = reversed_by * (len(plans) - 1 - position)
        _address(store=store, event=event, struck={f.kind: f for f in struck}, due_at=time.time() + delay)


def _read(store: Store, events: list[str]) -> list[Fields]:
    found = [store.read(id=event) for event in events]
    return [row[1] for row in found if row]


def _address(*, store: Store, event: Fields, struck: dict[str, faults.Fault], due_at: float) -> None:
    if "late" in struck:
        due_at += struck["late"].seconds
    state = "lost" if "lost" in struck else "waiting"
    times = [due_at, due_at + struck["twice"].seconds] if "twice" in struck else [due_at]
    endpoints = wanting(store=store, type=event["type"])
    for endpoint in endpoints:
        for due in times:
            store.run(
                "INSERT INTO delivery (event, endpoint, due_at, state) VALUES (?, ?, ?, ?)",
                (event["id"], endpoint, due, state),
            )
    if endpoints:
        event["pending_webhooks"] = len(endpoints)
        store.update(id=event["id"], column="body", value=event)


def wanting(*, store: Store, type: str) -> list[str]:
    """The ids of the enabled endpoints that want events of this type."""
    rows = store.rows("SELECT body FROM object WHERE kind = 'webhook_endpoint' ORDER BY seq")
    endpoints = [json.loads(body) for (body,) in rows]
    return [
        endpoint["id"]
        for endpoint in endpoints
        if endpoint["status"] == "enabled" and {type, "*"} & set(endpoint["enabled_events"])
    ]


def take_due(*, store: Store, at: float) -> Delivery | None:
    """The delivery that has been due longest, marked as being tried; None when nothing is due."""
    rows = store.rows(
        "SELECT seq FROM delivery WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, seq LIMIT 1", (at,)
    )
    for (seq,) in rows:
        taken = store.rows(
            "UPDATE delivery SET state = 'trying', attempts = attempts + 1 WHERE seq = ? AND state = 'waiting' "
            "RETURNING seq, event, endpoint, attempts - 1",
            (seq,),
        )
        return Delivery(*taken[0]) if taken else take_due(store=store, at=at)
    return None


def settle(*, store: Store, delivery: Delivery, delivered: bool, answer: str, again_at: float | None) -> None:
    """Write down how an attempt ended: delivered, to be tried again at an instant, or given up."""
    state = "delivered" if delivered else "given_up" if again_at is None else "waiting"
    with store.transaction():
        store.run(
            "UPDATE delivery SET state = ?, answer = ?, due_at = coalesce(?, due_at) WHERE seq = ?",
            (state, answer, again_at, delivery.seq),
        )
        _recount(store=store, event=delivery.event)


def recover(*, store: Store) -> None:
    """After a start: what was being tried when the process died is due again."""
    store.run("UPDATE delivery SET state = 'waiting' WHERE state = 'trying'")


def _recount(*, store: Store, event: str) -> None:
    found = store.read(id=event)
    if found:
        rows = store.rows(
            "SELECT count(DISTINCT endpoint) FROM delivery WHERE event = ? AND state NOT IN ('delivered', 'given_up')",
            (event,),
        )
        store.update(id=event, column="body", value=found[1] | {"pending_webhooks": rows[0][0]})
