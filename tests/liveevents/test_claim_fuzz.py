"""Whatever is sent to claim: a no is a no with a sentence, nothing moves, and the database is not asked in vain."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from config.wsgi import application
from liveevents.drops.models import Drop
from shop.accounts.models import Shopper
from shop.door.shopper import COOKIE, SIGNER
from shop.stock.models import Hold, Piece, Waiter
from shop.stock.states import PieceState
from tests.make import live

pytestmark = pytest.mark.django_db

FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _connection_stays_open() -> Iterator[None]:
    """As in Django's own client, a request's end leaves the test's connection open."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture
def drop(db: None) -> Drop:
    return live.drop(pieces=3, per_person=3)


@dataclass(frozen=True)
class Heard:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


def send(path: str, body: bytes = b'{"quantity": 1}', **changed: Any) -> Heard:
    """One request as a server hands it over, from a new guest with a good cookie; None takes something away."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "HTTP_X_STAGEDOOR": "1",
        "HTTP_IDEMPOTENCY_KEY": str(uuid4()),
        "HTTP_COOKIE": good_cookie(),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        **changed,
    }
    heard: list[Any] = []
    answer = application(
        {name: value for name, value in environ.items() if value is not None},
        lambda status, headers, *_: heard.extend([status, headers]) or (lambda _: None),  # type: ignore[func-returns-value]
    )
    try:
        whole = b"".join(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    return Heard(int(heard[0][:3]), dict(heard[1]), whole)


def claim(drop: Drop, body: bytes = b'{"quantity": 1}', **changed: Any) -> Heard:
    return send(f"/drops/{drop.pk}/claim/", body, **changed)


def good_cookie() -> str:
    return f"{COOKIE}={SIGNER.sign(str(uuid4()))}"


def nothing_moved() -> bool:
    written = [kind for kind in (Hold, Waiter, Shopper) if kind.objects.exists()]
    return written == [] and not Piece.objects.exclude(state=PieceState.FREE).exists()


def test_what_is_right_is_granted_so_the_rest_proves_something(drop: Drop) -> None:
    assert claim(drop).status == 200
    assert claim(drop, b'{"quantity": 7, "unknown": [1], "quantity": 2}').status == 200


BODIES = {
    "empty": b"",
    "no JSON": b"quantity=1",
    "half": b'{"quantity": 1',
    "a list": b"[1]",
    "a number": b"1",
    "null": b"null",
    "text": b'"quantity"',
    "deep lists": b"[" * 3900,
    "deep objects": b'{"a":' * 700,
    "no UTF-8": b'{"quantity": "\xff\xfe\xfd"}',
    "half a character": b'{"quantity": 1, "word": "\xc3"}',
    "zeros": b"\x00" * 100,
    "nothing of ours": b"{}",
    "null quantity": b'{"quantity": null}',
    "true": b'{"quantity": true}',
    "text quantity": b'{"quantity": "1"}',
    "a fraction": b'{"quantity": 1.5}',
    "a whole fraction": b'{"quantity": 1.0}',
    "NaN": b'{"quantity": NaN}',
    "infinite": b'{"quantity": 1e999}',
    "minus infinite": b'{"quantity": -Infinity}',
    "a list of one": b'{"quantity": [1]}',
    "an object": b'{"quantity": {"$gt": 0}}',
    "none": b'{"quantity": 0}',
    "less than none": b'{"quantity": -1}',
    "smallest of all": b'{"quantity": -9223372036854775809}',
    "more than there can be": b'{"quantity": 10001}',
    "too big for a column": b'{"quantity": 2147483648}',
    "too big for any column": b'{"quantity": 1%s}' % (b"0" * 3900),
    "the last one counts": b'{"quantity": 1, "quantity": -1}',
    "a number as word": b'{"quantity": 1, "word": 1}',
    "a list as word": b'{"quantity": 1, "word": ["a"]}',
    "a long word": b'{"quantity": 1, "word": "%s"}' % (b"a" * 201),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_makes_no_sense_moves_nothing_and_asks_nothing(
    body: bytes, drop: Drop, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        heard = claim(drop, body)

    assert heard.status == 400
    assert heard.said["code"] in ("bad_body", "bad_quantity", "bad_word")
    assert heard.said["message"].endswith(".")
    assert nothing_moved()


def test_what_makes_no_sense_is_not_counted_as_a_claim(drop: Drop) -> None:
    cookie = good_cookie()
    for body in list(BODIES.values())[:12] + [b'{"quantity": -1}', b'{"quantity": 0}'] * 4:
        assert claim(drop, body, HTTP_COOKIE=cookie).status == 400

    assert claim(drop, HTTP_COOKIE=cookie).status == 200


def forged() -> dict[str, str]:
    """Cookie headers of somebody who would like to be somebody else."""
    anybody = str(uuid4())
    return {
        "unsigned": f"{COOKIE}={anybody}",
        "signed for another use": f"{COOKIE}={signing.Signer(salt='session').sign(anybody)}",
        "signed by another house": f"{COOKIE}={signing.Signer(key='x' * 40, salt='shopper').sign(anybody)}",
        "another's signature": f"{COOKIE}={anybody}:{SIGNER.signature(str(uuid4()))}",
        "cut off": good_cookie()[:-1],
        "no shopper": f"{COOKIE}={SIGNER.sign('cora')}",
        "SQL": f"{COOKIE}=' or 1=1; --",
        "no name": "=;=;;;=",
        "no value": COOKIE,
        "Latin-1": f"{COOKIE}=\xe9\xff\x80",
        "very long": f"{COOKIE}={'x' * 60_000}",
        "very many": "; ".join(f"c{number}={number}" for number in range(5000)),
        "the last one counts": f"{good_cookie()}; {COOKIE}=forged",
    }


HEADERS: dict[str, tuple[dict[str, Any], int, str]] = {
    **{f"cookie: {name}": ({"HTTP_COOKIE": header}, 403, "no_shopper") for name, header in forged().items()},
    "no key": ({"HTTP_IDEMPOTENCY_KEY": None}, 400, "no_key"),
    "a key that is no UUID": ({"HTTP_IDEMPOTENCY_KEY": "1"}, 400, "no_key"),
    "a long key": ({"HTTP_IDEMPOTENCY_KEY": "a" * 60_000}, 400, "no_key"),
    "a key in Latin-1": ({"HTTP_IDEMPOTENCY_KEY": "\xff" * 36}, 400, "no_key"),
    "another site's page": ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 403, "not_from_here"),
    "another of our domains": ({"HTTP_SEC_FETCH_SITE": "same-site"}, 403, "not_from_here"),
    "no header of ours": ({"HTTP_X_STAGEDOOR": None}, 403, "not_from_here"),
    "another version of it": ({"HTTP_X_STAGEDOOR": "2"}, 403, "not_from_here"),
    "another host": ({"HTTP_HOST": "evil.example"}, 400, "bad_host"),
    "our host in front of another": ({"HTTP_HOST": "testserver.evil.example"}, 400, "bad_host"),
    "a host with a name in it": ({"HTTP_HOST": "testserver@evil.example"}, 400, "bad_host"),
    "a long host": ({"HTTP_HOST": "a." * 30_000}, 400, "bad_host"),
    "no host": ({"HTTP_HOST": None}, 400, "bad_host"),
    "chunked": ({"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}, 400, "bad_length"),
    "an empty length": ({"CONTENT_LENGTH": ""}, 400, "bad_length"),
    "a length that is none": ({"CONTENT_LENGTH": "ten"}, 400, "bad_length"),
    "a negative length": ({"CONTENT_LENGTH": "-1"}, 400, "bad_length"),
    "a huge length": ({"CONTENT_LENGTH": "9" * 20}, 400, "bad_length"),
    "a superscript length": ({"CONTENT_LENGTH": "\xb2"}, 400, "bad_length"),
}


@pytest.mark.parametrize(("changed", "status", "code"), HEADERS.values(), ids=HEADERS.keys())
def test_headers_that_make_no_sense_move_nothing_and_ask_nothing(
    changed: dict[str, Any], status: int, code: str, drop: Drop, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        heard = claim(drop, **changed)

    assert (heard.status, heard.said["code"]) == (status, code)
    assert heard.said["message"].endswith(".")
    assert nothing_moved()


def test_a_huge_body_is_not_even_read(drop: Drop, django_assert_num_queries: Any) -> None:
    class Unread(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("read")

    with django_assert_num_queries(0):
        heard = claim(drop, b"x" * 5_000_000, **{"wsgi.input": Unread()})

    assert (heard.status, heard.said["code"]) == (400, "bad_length")


def test_headers_by_the_thousand_are_nobodys_business(drop: Drop) -> None:
    bomb: dict[str, Any] = {f"HTTP_X_{number}": "x" * 100 for number in range(5000)}

    assert claim(drop, **bomb, HTTP_X_REQUEST_ID="x" * 60_000).status == 200


@pytest.mark.parametrize("number", ["0", "999999999", "999999999999999", "9" * 16, "9" * 40])
def test_a_drop_that_is_not_there_is_said_in_one_query(number: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(1):
        heard = send(f"/drops/{number}/claim/")

    assert heard.status == 404
    assert heard.body
    assert nothing_moved()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_only_a_post_claims(method: str, drop: Drop, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert claim(drop, REQUEST_METHOD=method).status == 405

    assert nothing_moved()


@pytest.mark.parametrize(
    "content_type",
    [
        *("", None, "text/plain", "application/xml", "application/jsonp", "text/json", "application/json-patch+json"),
        *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "x" * 10_000),
    ],
)
def test_another_content_type_is_a_form_without_its_token(
    content_type: str | None, drop: Drop, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        heard = claim(drop, CONTENT_TYPE=content_type)

    assert heard.status in (400, 403)
    assert b"<h1" in heard.body
    assert nothing_moved()


@pytest.mark.parametrize("part", ["claim", "line"])
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"key": "1", "quantity": "one"},
        {"key": str(uuid4()), "quantity": "-1"},
        {"key": str(uuid4()), "quantity": "9" * 5000},
        {"key": str(uuid4()), "quantity": "1e3"},
        {"key": str(uuid4()), "quantity": "\u0661\x00"},
        {"key": "\x00", "quantity": "2147483648"},
        {"key": str(uuid4()), "quantity": "0", "word": "\x00" * 1000},
    ],
)
def test_a_form_that_makes_no_sense_is_refused_as_a_page(part: str, form: dict[str, str], drop: Drop) -> None:
    answer = Client().post(f"/drops/{drop.pk}/{part}/", form)

    assert answer.status_code in (303, 400)
    assert nothing_moved()


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 40])
def test_numbers_that_no_row_has_are_not_found(number: str) -> None:
    for path in (f"/drops/{number}/line/", f"/drops/{number}/claim/", f"/holds/{number}/let-go/"):
        assert Client().post(path, {"quantity": "1", "key": str(uuid4())}).status_code == 404
    for path in (f"/api/v1/drops/{number}/claims/", f"/api/v1/drops/{number}/line/"):
        answer = Client().post(path, {"quantity": 1}, "application/json", HTTP_IDEMPOTENCY_KEY=str(uuid4()))
        assert answer.status_code in (400, 404)
        assert answer.json()["sentence"].endswith(".")
    assert Client().delete(f"/api/v1/holds/{number}/").status_code in (403, 404)


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
ASKS = some.fixed_dictionaries(
    {}, optional={"quantity": some.integers(-2, 5) | JSON, "word": some.text(max_size=300) | JSON, "again": JSON}
)
LATIN = some.text(some.characters(max_codepoint=255), max_size=60)
WHATEVER = some.fixed_dictionaries(
    {},
    optional={
        "REQUEST_METHOD": some.sampled_from(["POST", "POST", "GET", "PUT", "HEAD", "X"]),
        "CONTENT_TYPE": some.sampled_from(
            ["application/json; charset=utf-16", "application/json;", " application/json", "text/plain"]
        )
        | LATIN,
        "CONTENT_LENGTH": some.integers(0, 5000).map(str),  # a server lets nothing else through
        "HTTP_HOST": some.sampled_from(["testserver:80", "testserver.", "[::1]", "testserver:99999"]) | LATIN,
        "HTTP_COOKIE": LATIN,
        "HTTP_IDEMPOTENCY_KEY": LATIN | some.uuids().map(str) | some.uuids().map(lambda key: key.urn),
        "HTTP_X_STAGEDOOR": some.sampled_from(["1", "0", " 1"]) | LATIN,
        "HTTP_SEC_FETCH_SITE": some.sampled_from(["same-origin", "none", "cross-site"]) | LATIN,
        "HTTP_X_FORWARDED_FOR": some.sampled_from(["203.0.113.9", "::1, 203.0.113.9", "2001:db8::1%eth0"]) | LATIN,
        "HTTP_X_REQUEST_ID": LATIN,
        "HTTP_TRANSFER_ENCODING": some.just("chunked"),
        "REMOTE_ADDR": some.sampled_from(["", "unix:", "203.0.113.9"]) | LATIN,
    },
)


@given(
    body=ASKS.map(lambda asked: json.dumps(asked).encode())
    | JSON.map(lambda said: json.dumps(said).encode())
    | some.binary(),
    changed=WHATEVER,
    where=some.sampled_from(["claim/", "claim/", "line/", "claim", "claim//", "claim/\x00", "cl\xe9im/"]),
)
@example(body=b'{"quantity": 1, "word": "\\ud800\\u0000"}', changed={}, where="claim/")
@FUZZ
def test_nothing_that_is_sent_breaks_the_house(body: bytes, changed: dict[str, Any], where: str, drop: Drop) -> None:
    before = Hold.objects.count()

    heard = send(f"/drops/{drop.pk}/{where}", body, **changed)

    assert heard.status < 500, (where, changed, body)
    assert heard.body or changed.get("REQUEST_METHOD") == "HEAD" or heard.status in (301, 302, 303, 405)
    assert Hold.objects.count() - before == (1 if heard.status == 200 and where == "claim/" else 0)
