"""The gate in front of the pages: how many are inside, how many wait, and what the others hear."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from config.gate import COME_AGAIN, with_gate


class Answer(list[bytes]):
    """As Django's: in parts, and to be closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


def ask(application: Any) -> tuple[str, dict[str, str], bytes]:
    heard: list[Any] = []
    body = b"".join(application({}, lambda status, headers: heard.extend([status, headers])))
    return heard[0], dict(heard[1]), body


def test_an_answer_leaves_in_one_piece_and_is_closed() -> None:
    answer = Answer([b"one ", b"piece"])

    def inner(_: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return answer

    heard = with_gate(inner, at_once=1, waiting=0)({}, lambda *_: None)  # type: ignore[arg-type]

    assert heard == [b"one piece"]
    assert answer.is_closed


def test_so_many_are_inside_so_many_wait_and_the_rest_is_sent_away_at_once() -> None:
    go_on, inside = Event(), []

    def slow(_: Any, start: Any) -> Iterable[bytes]:
        inside.append(1)
        go_on.wait(10)
        start("200 OK", [])
        return Answer([b"page"])

    application = with_gate(slow, at_once=2, waiting=3)
    with ThreadPoolExecutor(5) as threads:
        visits = []
        for number in range(1, 6):
            visits.append(threads.submit(ask, application))
            while len(inside) < min(number, 2):
                time.sleep(0.001)
        while threads._work_queue.qsize():
            time.sleep(0.001)
        time.sleep(0.05)

        status, headers, body = ask(application)

        assert (status, headers["Retry-After"], body) == ("503 Service Unavailable", "2", COME_AGAIN)
        assert len(inside) == 2
        go_on.set()
        assert [visit.result()[2] for visit in visits] == [b"page"] * 5
    assert ask(application)[2] == b"page"


def test_who_crashes_inside_leaves_the_place_to_the_next() -> None:
    def broken(_: Any, start: Any) -> Iterable[bytes]:
        raise RuntimeError("broken")

    application = with_gate(broken, at_once=1, waiting=0)
    for _ in range(3):
        try:
            ask(application)
        except RuntimeError:
            continue
        raise AssertionError("the gate answered for it")
