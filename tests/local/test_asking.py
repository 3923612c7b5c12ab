"""How a simulated person claims: one key, asked again until there is an answer, as the house's own page does it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from config.local.asking import LONGEST_PAUSE_S, Wish, claim, pause_before_next_try
from config.local.diary import Deed, Diary, NoDiary, Outcome
from config.local.visitor import Page, Visitor

Answer = tuple[int, dict[str, str], dict[str, Any]]
HELD: Answer = (200, {}, {"numbers": [1]})


@contextmanager
def house(answers: list[Answer | None]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that gives these answers, one after the other (None: it hangs up), and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"key": self.headers["Idempotency-Key"], "header": self.headers["X-Stagedoor"], **body})
            answer = answers[len(asked) - 1]
            if answer is None:
                self.close_connection = True
                return
            status, headers, said = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def wait(pauses: list[float]) -> Callable[[float], bool]:
    """Nobody waits here; how long they would have is written down."""

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    return wait


def test_no_answer_is_asked_again_with_the_same_key_and_said_so(wait: Any, pauses: list[float]) -> None:
    diary = Diary()
    answers = [None, (503, {"Retry-After": "3"}, {"code": "busy"}), (429, {}, {"code": "too_often"}), HELD]
    with house(answers) as (url, asked):
        page = claim(Visitor(url), Wish("7", 2, "low tide"), wait=wait, diary=diary, who="vera")

    assert page is not None
    assert page.json == {"numbers": [1]}
    assert len({ask["key"] for ask in asked}) == 1
    assert [ask.get("again", False) for ask in asked] == [False, True, True, True]
    assert {(ask["quantity"], ask["word"], ask["header"]) for ask in asked} == {(2, "low tide", "1")}
    assert len(pauses) == 3
    assert pauses[1] >= 3
    assert [entry.outcome for entry in diary.of(Deed.CLAIM)] == [
        *(Outcome.UNKNOWN, Outcome.UNKNOWN),
        *(Outcome.REFUSED, Outcome.OK),
    ]


def test_a_refusal_is_an_answer(wait: Any, pauses: list[float]) -> None:
    with house([(409, {}, {"code": "sold_out"})]) as (url, asked):
        page = claim(Visitor(url), Wish("7"), wait=wait, diary=NoDiary(), who="vera")

    assert page is not None
    assert (page.status, page.json["code"], len(asked), pauses) == (409, "sold_out", 1, [])
    assert asked[0].keys() == {"key", "header", "quantity"}


def test_who_is_told_to_stop_does_not_know() -> None:
    with house([None]) as (url, asked):
        assert claim(Visitor(url), Wish("7"), wait=lambda _: True, diary=NoDiary(), who="vera") is None

    assert len(asked) == 1


def test_pauses_grow_to_a_most() -> None:
    def pause(tried: int, status: int = 0, **headers: str) -> float | None:
        return pause_before_next_try(tried, status=status, headers=headers, dice=lambda: 0.5)

    assert [pause(tried) for tried in (1, 2, 3, 99)] == [0.3, 0.6, 1.2, LONGEST_PAUSE_S]
    assert pause(1, status=200) is pause(1, status=409) is None


def test_a_diary_keeps_what_stayed_open_as_unknown() -> None:
    diary = Diary()

    with pytest.raises(OSError, match="gone"), diary.asking("vera", Deed.PAY, about="order"):
        raise OSError("gone")

    (entry,) = diary.of(Deed.PAY)
    assert (entry.outcome, entry.status, entry.about) == (Outcome.UNKNOWN, 0, "order")


def test_an_option_without_a_value_is_sent_by_its_text() -> None:
    page = Page(
        "http://house/",
        200,
        '<form action="/a/"><select name="n"><option>1</option><option selected>2</option></select>'
        '<select name="c"><option value="">-</option><option value="DE">Germany</option></select></form>',
        {},
        b"",
    )

    (form,) = page.forms
    assert (form.fields, form.choices) == ({"n": "2", "c": ""}, {"n": ["1", "2"], "c": ["", "DE"]})


def test_a_visitor_goes_on_with_the_cookies_of_another() -> None:
    visitor = Visitor("http://127.0.0.1:8000")

    visitor.wear({"shopper": "abc:def"})

    assert {cookie.name: cookie.value for cookie in visitor.cookies} == {"shopper": "abc:def"}
