"""Handing out work: to a worker first, done here when nobody comes."""

import time
from collections.abc import Callable

import pytest
from structlog.contextvars import get_contextvars

from config import errands
from config.broker import Broker
from config.celery import app
from config.errands import Crew, Errand

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is away."""
    monkeypatch.setattr(app.conf, "broker_url", NOBODY)
    monkeypatch.setattr(app.conf, "broker_write_url", NOBODY)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)


def errand(owing: list[int], done: list[int]) -> Errand:
    def run(subject: int | str) -> None:
        if subject == 13:
            raise ValueError("unlucky")
        done.append(int(subject))
        owing.remove(int(subject))

    return Errand(
        task="tests.nothing", owed=lambda: dict.fromkeys(owing, "req-1"), run=run, crew=Crew(name="test", size=2)
    )


def eventually(is_so: Callable[[], bool], within_s: float = 3) -> bool:
    end = time.monotonic() + within_s
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


def test_without_a_broker_it_is_done_here_at_once_and_one_bad_row_stops_no_other(no_broker: None) -> None:
    owing, done = [1, 13, 2], list[int]()
    work = errand(owing, done)

    assert work.hand_out(Broker()) == 3

    assert eventually(lambda: sorted(done) == [1, 2])
    assert owing == [13]


def test_a_dead_broker_is_heard_of_at_once_and_left_alone_for_a_while(no_broker: None) -> None:
    broker, started = Broker(), time.monotonic()

    assert [broker.send("tests.nothing", n) for n in range(200)] == [False] * 200

    assert time.monotonic() - started < 2


def test_a_worker_is_asked_once_and_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr(app, "send_task", lambda task, args, **_: sent.append((task, args)))
    owing, done = [7], list[int]()
    work = errand(owing, done)

    for _ in range(5):
        work.hand_out(Broker())

    assert sent == [("tests.nothing", [7])]
    assert done == []


def test_what_no_worker_took_in_time_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)
    monkeypatch.setattr(errands, "GRACE_S", 0.05)
    owing, done = [7], list[int]()
    work, broker = errand(owing, done), Broker()

    work.hand_out(broker)
    time.sleep(0.1)
    work.hand_out(broker)

    assert eventually(lambda: done == [7])


def test_the_same_job_is_never_twice_in_a_crew() -> None:
    done: list[int] = []
    crew = Crew(name="test", size=3)

    def nap() -> None:
        time.sleep(0.05)
        done.append(1)

    for _ in range(50):
        crew.take("nap", 1, nap)

    assert eventually(lambda: done == [1])
    time.sleep(0.1)
    assert done == [1]


def test_the_request_goes_along_to_the_worker_and_to_the_crew(no_broker: None) -> None:
    heard: list[object] = []
    crew = Crew(name="test", size=1)
    work = Errand("tests.nothing", lambda: {7: "req-1"}, lambda _: heard.append(get_contextvars()["request_id"]), crew)

    work.hand_out(Broker())

    assert eventually(lambda: heard == ["req-1"])


def test_what_fails_here_is_not_tried_in_a_tight_loop(no_broker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "GRACE_S", 0.0)
    tries: list[object] = []
    crew = Crew(name="test", size=1)
    work, broker = Errand("tests.nothing", lambda: {13: ""}, tries.append, crew), Broker()

    for _ in range(30):
        work.hand_out(broker)
        time.sleep(0.01)

    assert tries == [13]
