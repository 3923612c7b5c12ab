"""`Idempotency-Key`: the same request again gets the first answer again, whatever that was."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from config.local.stripe.errors import ApiError
from config.local.stripe.shapes import Fields, RawForm
from config.local.stripe.store import Store

KEPT_S = 24 * 3600
LONGEST = 255


@dataclass(frozen=True)
class Remembered:
    """An answer that was given before: its status, its body, and the id of the request it was given to."""

    status: int
    body: Fields
    request: str


class KeysInUse:
    """The keys whose requests are being answered at this moment."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    @contextmanager
    def claim(self, key: str | None) -> Iterator[None]:
        """Hold a key for as long as its request runs. Raises ApiError 409 while another request holds it."""
        if key in self._keys:
            raise ApiError(
                status=409,
                message="There is currently another in-progress request using this Idempotent Key (that probably "
                f"means you submitted twice, and the other request is still going through): {key}. Please try again "
                "later.",
                type="idempotency_error",
                code="idempotency_key_in_use",
            )
        if key is not None:
            self._keys.add(key)
        try:
            yield
        finally:
            self._keys.discard(key or "")


def recall(*, store: Store, key: str, endpoint: str, form: RawForm) -> Remembered | None:
    """The answer this key was given, if any. Raises ApiError 400 where it was given to another request."""
    if len(key) > LONGEST:
        raise ApiError(
            status=400, message=f"Idempotency keys can be at most {LONGEST} characters.", type="idempotency_error"
        )
    rows = store.rows("SELECT endpoint, params, status, body, request FROM idempotency WHERE key = ?", (key,))
    if not rows:
        return None
    first_endpoint, params, status, body, request = rows[0]
    if first_endpoint != endpoint:
        raise _reused(key, f"for the same endpoint they were first used for ('{first_endpoint}' vs '{endpoint}')")
    if params != _canonical(form):
        raise _reused(key, "with the same parameters they were first used with")
    return Remembered(status=status, body=json.loads(body), request=request)


def remember(*, store: Store, key: str, endpoint: str, form: RawForm, answer: Remembered, at: int) -> None:
    """Keep an answer, for a day at least."""
    store.run(
        "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
        (key, endpoint, _canonical(form), answer.request, answer.status, json.dumps(answer.body), at),
    )


def forget_old(*, store: Store, at: int) -> None:
    """Forget the answers that are older than a day."""
    store.run("DELETE FROM idempotency WHERE at < ?", (at - KEPT_S,))


def _canonical(form: RawForm) -> str:
    return json.dumps(form, sort_keys=True)


def _reused(key: str, how: str) -> ApiError:
    return ApiError(
        status=400,
        message=f"Keys for idempotent requests can only be used {how}. Try using a key other than '{key}' if you meant "
        "to execute a different request.",
        type="idempotency_error",
    )
