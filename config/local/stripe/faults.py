"""Misfortune on demand: what the next calls or the next webhooks suffer, everywhere or for one object.

A fault is a JSON object. `kind` says what happens, `count` how often (without it: until reset), `seconds` how long.
Calls, chosen by `method` and `path` (`*` matches anything):
- `timeout_before` no answer and nothing done · `timeout_after` done, but no answer
- `error_after` done, but answered 500, which its idempotency key replays · `error_before` the same with nothing done
- `rate_limited` 429, nothing done
- `slow` answered after so many seconds, its idempotency key in use meanwhile
Webhooks, chosen by `type`, `object` (the id of the object, its intent, session, charge or customer),
`client_reference_id` and `metadata`:
- `twice` · `late` by so many seconds · `lost` · `reordered`: the events of one change last first, so many seconds apart
"""

import fnmatch
import json
from dataclasses import dataclass

from config.local.stripe.errors import InvalidParameter
from config.local.stripe.shapes import Fields
from config.local.stripe.store import Store

CALL_FAULTS = ("timeout_before", "timeout_after", "error_before", "error_after", "rate_limited", "slow")
WEBHOOK_FAULTS = ("twice", "late", "reordered", "lost")
SECONDS = {"timeout_before": 90.0, "timeout_after": 90.0, "slow": 1.0, "late": 5.0, "reordered": 0.25, "twice": 0.1}
NAMES = ("kind", "count", "seconds", "method", "path", "type", "object", "client_reference_id", "metadata")


@dataclass(frozen=True)
class Fault:
    """One misfortune: its kind, how long it lasts where that matters, and how often it still strikes (None: always)."""

    seq: int
    kind: str
    rule: Fields
    remaining: int | None

    @property
    def seconds(self) -> float:
        """How long it delays."""
        return float(self.rule.get("seconds", SECONDS.get(self.kind, 0)))

    def as_json(self) -> Fields:
        """As the control endpoint shows it."""
        return {"id": self.seq, "kind": self.kind, "remaining": self.remaining} | self.rule


def order(*, store: Store, asked: Fields) -> Fault:
    """Switch a misfortune on. Raises InvalidParameter for a kind or a field that does not exist."""
    for name in asked:
        if name not in NAMES:
            raise InvalidParameter(f"Unknown field {name}; known: {', '.join(NAMES)}", param=name)
    if asked.get("kind") not in CALL_FAULTS + WEBHOOK_FAULTS:
        raise InvalidParameter(f"kind must be one of {', '.join(CALL_FAULTS + WEBHOOK_FAULTS)}", param="kind")
    rule = {name: value for name, value in asked.items() if name not in ("kind", "count")}
    store.run(
        "INSERT INTO fault (kind, rule, remaining) VALUES (?, ?, ?)",
        (asked["kind"], json.dumps(rule), asked.get("count")),
    )
    return active(store=store)[-1]


def active(*, store: Store) -> list[Fault]:
    """What is switched on and not used up, oldest first."""
    rows = store.rows(
        "SELECT seq, kind, rule, remaining FROM fault WHERE remaining IS NULL OR remaining > 0 ORDER BY seq"
    )
    return [Fault(seq=seq, kind=kind, rule=json.loads(rule), remaining=left) for seq, kind, rule, left in rows]


def reset(*, store: Store) -> None:
    """Switch everything off."""
    store.run("DELETE FROM fault")


def for_call(*, store: Store, method: str, path: str) -> Fault | None:
    """The misfortune that this call suffers, used up by one."""
    for fault in active(store=store):
        if fault.kind in CALL_FAULTS and _names_call(fault.rule, method=method, path=path):
            return _struck(fault, store=store)
    return None


def for_event(*, store: Store, event: Fields) -> list[Fault]:
    """The misfortunes that this event's delivery suffers, each used up by one; the first of each kind."""
    struck: dict[str, Fault] = {}
    candidates = [fault for fault in active(store=store) if fault.kind in WEBHOOK_FAULTS]
    about = _about(store=store, event=event) if candidates else {}
    for fault in candidates:
        if fault.kind not in struck and _names_event(fault.rule, event=event, about=about):
            struck[fault.kind] = _struck(fault, store=store)
    return list(struck.values())


def _struck(fault: Fault, *, store: Store) -> Fault:
    store.run("UPDATE fault SET remaining = remaining - 1 WHERE seq = ?", (fault.seq,))
    return fault


def _names_call(rule: Fields, *, method: str, path: str) -> bool:
    return rule.get("method", method).upper() == method and fnmatch.fnmatchcase(path, rule.get("path", "*"))


def _names_event(rule: Fields, *, event: Fields, about: Fields) -> bool:
    wanted = rule.get("metadata", {}).items()
    return (
        fnmatch.fnmatchcase(event["type"], rule.get("type", "*"))
        and rule.get("object", None) in (None, *about["ids"])
        and rule.get("client_reference_id") in (None, about["client_reference_id"])
        and all(about["metadata"].get(key) == value for key, value in wanted)
    )


def _about(*, store: Store, event: Fields) -> Fields:
    """The ids, reference and metadata of an event's object, of its payment intent and of the session it was paid in."""
    thing = event["data"]["object"]
    related = [thing]
    intent_id = thing["id"] if thing["object"] == "payment_intent" else thing.get("payment_intent")
    if isinstance(intent_id, str):
        related += _bodies(store, "SELECT body FROM object WHERE id = ?", intent_id)
        related += _bodies(
            store,
            "SELECT body FROM object WHERE kind = 'checkout.session' AND body ->> '$.payment_intent' = ?",
            intent_id,
        )
    references = [one["client_reference_id"] for one in related if one.get("client_reference_id")]
    metadata: dict[str, str] = {}
    for one in reversed(related):
        metadata |= one.get("metadata") or {}
    ids = {one[name] for one in related for name in ("id", "customer", "charge") if one.get(name)}
    return {"ids": ids, "client_reference_id": references[0] if references else None, "metadata": metadata}


def _bodies(store: Store, sql: str, value: str) -> list[Fields]:
    return [json.loads(body) for (body,) in store.rows(sql, (value,))]
