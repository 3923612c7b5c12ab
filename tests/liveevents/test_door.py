"""The thin door, called as a server calls it: what it keeps for itself, what it lets in, what it says."""

import io
import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from liveevents.web.door import MOST_BYTES, with_claim_door
from shop.accounts.models import Shopper
from shop.door.shopper import COOKIE, SIGNER
from shop.stock.models import Hold
from tests.make import live

pytestmark = pytest.mark.django_db


def inside(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    return [b"inside"]


def knock(path: str, body: bytes = b'{"quantity": 1}', **changed: Any) -> tuple[int, dict[str, str], Any]:
    """Status, headers and JSON of one request; "inside" where the door let it through."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "HTTP_X_STAGEDOOR": "1",
        "HTTP_IDEMPOTENCY_KEY": str(uuid4()),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
        **changed,
    }
    heard: list[Any] = []
    body_out = b"".join(
        with_claim_door(inside)({name: text for name, text in environ.items() if text is not None},
                                lambda status, headers: heard.extend([status, headers]))  # type: ignore[arg-type]
    )  # fmt: skip
    status, headers = heard
    return int(status[:3]), dict(headers), "inside" if body_out == b"inside" else json.loads(body_out)


def cookie_of(shopper: Shopper) -> str:
    return f"theme=dark; {COOKIE}={SIGNER.sign(str(shopper.pk))}; other=1"


def test_a_claim_is_answered_at_the_door(vera: Shopper) -> None:
    drop = live.drop(pieces=3, price_minor=1500)

    status, headers, said = knock(f"/drops/{drop.pk}/claim/", HTTP_COOKIE=cookie_of(vera))

    assert status == 200
    assert (said["drop"], said["numbers"], said["prices"]) == (
        drop.pk,
        [1],
        [{"amount_minor": 1500, "currency": "EUR"}],
    )
    assert said["message"] == "Piece 1 is held for you."
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "private, no-store"
    assert Hold.objects.get().shopper == vera


@pytest.mark.parametrize(
    "changed",
    [
        {"REQUEST_METHOD": "GET"},
        {"CONTENT_TYPE": "application/x-www-form-urlencoded"},
        {"PATH_INFO": "/drops/1/line/"},
        {"PATH_INFO": "/drops/-1/claim/"},
        {"PATH_INFO": "/drops/1/claim/x"},
        {"PATH_INFO": f"/drops/{10**20}/claim/"},
    ],
)
def test_everything_else_goes_inside(changed: dict[str, Any]) -> None:
    assert knock("/drops/1/claim/", **changed)[2] == "inside"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"HTTP_HOST": "evil.example"}, 400, "bad_host"),
        ({"HTTP_HOST": ""}, 400, "bad_host"),
        ({"HTTP_HOST": None}, 400, "bad_host"),
        ({"HTTP_X_STAGEDOOR": None}, 403, "not_from_here"),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 403, "not_from_here"),
        ({"HTTP_COOKIE": None}, 403, "no_shopper"),
        ({"HTTP_IDEMPOTENCY_KEY": None}, 400, "no_key"),
        ({"CONTENT_LENGTH": None}, 400, "bad_length"),
        ({"CONTENT_LENGTH": "-5"}, 400, "bad_length"),
        ({"CONTENT_LENGTH": str(MOST_BYTES + 1)}, 400, "bad_length"),
    ],
)
def test_what_is_no_claim_is_refused_without_a_query(
    vera: Shopper, changed: dict[str, Any], status: int, code: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = knock("/drops/1/claim/", **{"HTTP_COOKIE": cookie_of(vera), **changed})

    assert (answer[0], answer[2]["code"]) == (status, code)
    assert answer[2]["message"]


def test_a_claim_is_logged_with_the_edges_id_and_counted(vera: Shopper, capsys: Any, caplog: Any) -> None:
    counted = {"status": "404", "view": "claim", "method": "POST"}
    before = REGISTRY.get_sample_value("django_http_responses_total_by_status_view_method_total", counted) or 0

    _, headers, _ = knock("/drops/999/claim/", HTTP_COOKIE=cookie_of(vera), HTTP_X_REQUEST_ID="edge-17")

    assert headers["X-Request-ID"] == "edge-17"
    (line,) = [record.msg for record in caplog.records if record.name == "liveevents.web.door"]
    assert (line["event"], line["request"], line["code"]) == ("request_finished", "POST /drops/999/claim/", 404)
    assert line["request_id"] == "edge-17"
    after = REGISTRY.get_sample_value("django_http_responses_total_by_status_view_method_total", counted)
    assert after == before + 1


def test_an_id_that_is_none_is_not_repeated(vera: Shopper) -> None:
    _, headers, _ = knock("/drops/999/claim/", HTTP_COOKIE=cookie_of(vera), HTTP_X_REQUEST_ID="a\nb" * 50)

    assert "\n" not in headers["X-Request-ID"]


def test_who_claims_too_often_is_asked_to_wait(vera: Shopper) -> None:
    drop = live.drop(pieces=9, per_person=9)

    answers = [knock(f"/drops/{drop.pk}/claim/", HTTP_COOKIE=cookie_of(vera)) for _ in range(6)]

    assert [status for status, _, _ in answers] == [200] * 4 + [429] * 2
    assert answers[-1][1]["Retry-After"] == "1"
    assert answers[-1][2]["code"] == "too_often"
    assert Hold.objects.count() == 4


def test_the_same_claim_again_is_not_another_one(vera: Shopper) -> None:
    drop, key = live.drop(pieces=9, per_person=9), str(uuid4())

    answers = [
        knock(f"/drops/{drop.pk}/claim/", HTTP_COOKIE=cookie_of(vera), HTTP_IDEMPOTENCY_KEY=key) for _ in range(8)
    ]

    assert [status for status, _, _ in answers] == [200] * 8
    assert Hold.objects.count() == 1


class Broken(io.BytesIO):
    """A body that never comes."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError("connection reset")


def test_a_crash_is_said_in_words_and_logged(vera: Shopper, caplog: Any) -> None:
    sent: dict[str, Any] = {"HTTP_COOKIE": cookie_of(vera), "wsgi.input": Broken()}

    status, _, said = knock("/drops/1/claim/", **sent)

    assert (status, said["code"]) == (500, "broken")
    assert "claim_crashed" in {record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)}
