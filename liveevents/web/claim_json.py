"""A claim by JSON: read, asked, answered. It needs a WSGI environ and a body, and nothing of Django's request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.http import parse_cookie
from django.utils.translation import ngettext

from liveevents.claims import services
from liveevents.claims.keys import read_key
from liveevents.claims.limits import count_claim
from liveevents.claims.services import Claimed
from shop.core.errors import Forbidden, Invalid, Refusal
from shop.door.address import network_of_environ
from shop.door.shopper import COOKIE, read_cookie
from shop.door.statuses import status_of
from shop.stock.claiming import check_quantity
from shop.stock.errors import BadQuantity, UnknownSale

LONGEST_WORD: Final = 200
SAYS_AGAIN: Final = b'"again"'


class BadBody(Invalid):
    code = "bad_body"
    sentence = "The request's body is not a JSON object."


class BadWord(Invalid):
    code = "bad_word"
    sentence = "A code word is text, and not a long one."


class NotFromHere(Forbidden):
    code = "not_from_here"
    sentence = "The request did not come from one of our pages."


class NoShopper(Forbidden):
    code = "no_shopper"
    sentence = "Your browser sent no cookie of ours. Open the show's page again, then claim."


@dataclass(frozen=True)
class Said:
    """An answer: an HTTP status, a JSON object, and headers beside the usual ones."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def claim(environ: Mapping[str, Any], body: bytes, *, drop_id: int) -> Said:
    """Claim as the environ's shopper; what is refused is an answer too, and moved nothing."""
    try:
        claimed = _claim(environ, body, drop_id)
    except Refusal as refusal:
        return refused(refusal)
    return Said(200, {**_held(claimed), "message": held_words(claimed)})


def refused(refusal: Refusal) -> Said:
    """A no, as its status, code, sentence and details."""
    status = 404 if isinstance(refusal, UnknownSale) else status_of(refusal)
    wait_s = refusal.details.get("wait_s")
    headers = {"Retry-After": str(wait_s)} if wait_s else {}
    return Said(status, {"code": refusal.code, "message": refusal.said, **refusal.details}, headers)


def held_words(claimed: Claimed) -> str:
    """What a person reads who holds something now."""
    numbers = ", ".join(map(str, claimed.numbers))
    said = ngettext("Piece {numbers} is held for you.", "Pieces {numbers} are held for you.", len(claimed.numbers))
    return said.format(numbers=numbers)


def _claim(environ: Mapping[str, Any], body: bytes, drop_id: int) -> Claimed:
    _check_origin(environ)
    cookie = parse_cookie(environ.get("HTTP_COOKIE", "")).get(COOKIE, "")
    if SAYS_AGAIN not in body:
        services.read_notice(drop_id=drop_id, shopper_id=cookie[:36])
    shopper_id = _shopper(cookie)
    key = read_key(environ.get("HTTP_IDEMPOTENCY_KEY", ""))
    asked = _object(body)
    quantity, word, network = _whole(asked.get("quantity")), _word(asked.get("word")), network_of_environ(environ)
    count_claim(shopper_id=shopper_id, key=key, network=network)
    return services.claim(
        drop_id=drop_id,
        shopper_id=shopper_id,
        key=key,
        quantity=quantity,
        word=word,
        network=network,
    )


def _check_origin(environ: Mapping[str, Any]) -> None:
    """Another site's page cannot set a header of ours without asking us first, and we never allow it."""
    is_ours = environ.get("HTTP_SEC_FETCH_SITE", "same-origin") in ("same-origin", "none")
    if environ.get("HTTP_X_STAGEDOOR") != "1" or not is_ours:
        raise NotFromHere


def _shopper(cookie: str) -> UUID:
    """Who claims: the browser's signed cookie says it. An account's browser was tied to it when it signed in."""
    shopper_id = read_cookie(cookie)
    if shopper_id is None:
        raise NoShopper
    return shopper_id


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as unreadable:
        raise BadBody from unreadable
    if not isinstance(asked, dict):
        raise BadBody
    return asked


def _whole(quantity: object) -> int:
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        raise BadQuantity(field="quantity")
    check_quantity(quantity)
    return quantity


def _word(word: object) -> str:
    if word is None:
        return ""
    if not isinstance(word, str) or len(word) > LONGEST_WORD:
        raise BadWord(field="word")
    return word


def _held(claimed: Claimed) -> dict[str, Any]:
    return {
        "drop": claimed.drop_id,
        "hold": claimed.hold_id,
        "numbers": claimed.numbers,
        "prices": [{"amount_minor": price.amount_minor, "currency": price.currency} for price in claimed.prices],
        "held_ms": claimed.held_ms,
    }
