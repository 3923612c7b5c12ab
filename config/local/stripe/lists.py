"""Lists with cursors, newest first."""

import json

from config.local.stripe.account import Account
from config.local.stripe.endpoints import Call
from config.local.stripe.errors import no_such
from config.local.stripe.shapes import Fields

BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
USUAL_LIMIT = 10


def page(call: Call, kind: str, **where: object) -> Fields:
    """One page of the objects of this kind whose fields equal `where` (None is left out), as the cursors ask."""
    params = call.params
    limit = params.get("limit", USUAL_LIMIT)
    backwards = "ending_before" in params
    sql, values = _conditions(kind, where=where, created=params.get("created"))
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            sql += f" AND seq {comparison} ?"
            values.append(_place_of(call.account, kind, params[name], param=name))
    order = "ASC" if backwards else "DESC"
    rows = call.account.store.rows(
        f"SELECT body FROM object WHERE {sql} ORDER BY seq {order} LIMIT ?",  # noqa: S608 (names are ours)
        [*values, limit + 1],
    )
    bodies = [json.loads(body) for (body,) in rows[:limit]]
    return as_list(bodies[::-1] if backwards else bodies, url=call.path, has_more=len(rows) > limit)


def as_list(bodies: list[Fields], *, url: str, has_more: bool = False) -> Fields:
    """Stripe's list object."""
    return {"object": "list", "data": bodies, "has_more": has_more, "url": url}


def _conditions(kind: str, *, where: dict[str, object], created: object) -> tuple[str, list[object]]:
    sql, values = "kind = ? AND body ->> '$.deleted' IS NULL", [kind]
    conditions: list[object] = list(values)
    for name, value in where.items():
        if value is not None:
            sql += f" AND body ->> '$.{name}' = ?"
            conditions.append(value)
    within = created if isinstance(created, dict) else {} if created is None else {"gte": created, "lte": created}
    for bound, instant in within.items():
        sql += f" AND body ->> '$.created' {BOUNDS[bound]} ?"
        conditions.append(instant)
    return sql, conditions


def _place_of(account: Account, kind: str, id: str, *, param: str) -> int:
    rows = account.store.rows("SELECT seq FROM object WHERE kind = ? AND id = ?", (kind, id))
    if not rows:
        raise no_such(kind=kind, id=id, param=param, status=400)
    return int(rows[0][0])


def slice_of(call: Call, bodies: list[Fields]) -> Fields:
    """One page of a list that is kept in its own order, oldest first, as the cursors ask."""
    params, limit = call.params, call.params.get("limit", USUAL_LIMIT)
    places = {body["id"]: place for place, body in enumerate(bodies)}
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in places:
            raise no_such(kind="item", id=params[name], param=name, status=400)
    first = places[params["starting_after"]] + 1 if "starting_after" in params else 0
    end = places[params["ending_before"]] if "ending_before" in params else len(bodies)
    wanted = bodies[first:end]
    shown = wanted[-limit:] if "ending_before" in params else wanted[:limit]
    return as_list(shown, url=call.path, has_more=len(wanted) > limit)
