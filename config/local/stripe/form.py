"""Nested form decoding: `a[b][0]=c` and `a[]=c`, as Stripe's clients write it."""

import re
from urllib.parse import parse_qsl

from config.local.stripe.errors import ApiError
from config.local.stripe.shapes import RawForm, RawValue

DEEPEST = 8
_NAME = re.compile(r"[^\[\]]+(\[[^\[\]]*\])*")


def decode(encoded: str) -> RawForm:
    """Turn a query string or form body into nested mappings; lists stay mappings keyed by position.

    Raises ApiError 400 for names that are not well formed.
    """
    form: RawForm = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        _place(form, _steps(name), value)
    return form


def _steps(name: str) -> list[str]:
    steps = name.replace("]", "").split("[")
    if not _NAME.fullmatch(name) or len(steps) > DEEPEST:
        raise ApiError(status=400, message=f"Invalid parameter name: {name[:80]}")
    return steps


def _place(form: RawForm, steps: list[str], value: str) -> None:
    inner: dict[str, RawValue] = form
    for step in steps[:-1]:
        deeper = inner.setdefault(step or str(len(inner)), {})
        if isinstance(deeper, str):
            raise ApiError(status=400, message=f"Invalid object: parameter {steps[0]} is both a value and an object.")
        inner = deeper
    inner[steps[-1] or str(len(inner))] = value
