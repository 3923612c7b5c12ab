"""`expand`: ids replaced by the objects they name, and lists that are left out unless asked for."""

from typing import Any

from config.local.stripe.account import Account
from config.local.stripe.errors import InvalidParameter
from config.local.stripe.resources import charges, sessions
from config.local.stripe.shapes import Fields

DEEPEST = 4
EXPANDABLE = {
    "balance_transaction": ("source",),
    "charge": ("balance_transaction", "customer", "payment_intent"),
    "checkout.session": ("customer", "payment_intent", "setup_intent"),
    "payment_intent": ("customer", "latest_charge", "payment_method"),
    "payment_method": ("customer",),
    "price": ("product",),
    "refund": ("balance_transaction", "charge", "customer", "failure_balance_transaction", "payment_intent"),
    "setup_intent": ("customer", "payment_method"),
}
"""Which fields hold the id of another object that the sandbox keeps."""
LEFT_OUT = {
    ("charge", "refunds"): charges.refunds_of,
    ("checkout.session", "line_items"): sessions.line_items_of,
}


def expand(account: Account, body: Fields, *, paths: list[str]) -> Fields:
    """The object with every path expanded. Raises InvalidParameter for a path that leads nowhere."""
    for path in paths:
        steps = path.split(".")
        if len(steps) - (body["object"] == "list") > DEEPEST:
            raise InvalidParameter(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}", param="expand"
            )
        _follow(account, body, steps, path=path)
    return body


def _follow(account: Account, value: Any, steps: list[str], *, path: str) -> None:
    if not steps or value is None:
        return
    if not isinstance(value, dict):
        raise _cannot(path)
    if value.get("object") == "list" and steps[0] == "data" and len(steps) > 1:
        for one in value["data"]:
            _follow(account, one, steps[1:], path=path)
        return
    _open(account, value, steps[0], path=path)
    _follow(account, value.get(steps[0]), steps[1:], path=path)


def _open(account: Account, body: Fields, name: str, *, path: str) -> None:
    left_out = LEFT_OUT.get((body.get("object", ""), name))
    if left_out and name not in body:
        body[name] = left_out(account, body)
    elif name in EXPANDABLE.get(body.get("object", ""), ()):
        if isinstance(body.get(name), str):
            found = account.store.read(id=body[name])
            body[name] = found[1] if found else body[name]
    elif not isinstance(body.get(name), dict):
        raise _cannot(path)


def _cannot(path: str) -> InvalidParameter:
    return InvalidParameter(f"This property cannot be expanded ({path}).", param="expand")
