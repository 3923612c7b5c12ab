"""How fast somebody may go, in one process and in all of them together."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from redis import Redis, RedisError
from structlog.testing import capture_logs

from config.local.binaries import valkey_server
from config.local.ports import free_ports
from shop.core.pace import Pace
from shop.core.shared import Exchange

START = 1000.0


def pace(
    *,
    name: str = "",
    per_s: float = 2,
    burst: float = 3,
    most_known: int = 1000,
    exchange: Exchange | None = None,
) -> Pace:
    return Pace(name=name or f"test-{uuid4()}", per_s=per_s, burst=burst, most_known=most_known, exchange=exchange)


OTHER_PROCESS = """
import sys, django
django.setup()
from shop.core.pace import Pace
from shop.core.shared import Exchange
claims = Pace(name=sys.argv[1], per_s=0.01, burst=6, exchange=Exchange(sys.argv[2]))
print("up", flush=True)
for who in sys.stdin:
    print(claims.take(who.strip()), flush=True)
"""


class Valkey:
    """A real one that can be killed and started again, empty."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, next(free_ports())
        self.url = f"redis://127.0.0.1:{self.port}/0"

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [str(valkey_server()), "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            self._await_start()
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def _await_start(self) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                Redis.from_url(self.url).ping()
            except RedisError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("Valkey does not start")


@contextmanager
def other_process(name: str, url: str) -> Iterator[Callable[[str], float]]:
    """Another process of the house; a call takes one there and answers how long to wait."""
    command = [sys.executable, "-c", OTHER_PROCESS, name, url]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    to_child, from_child = child.stdin, child.stdout
    assert to_child
    assert from_child

    def take(who: str) -> float:
        to_child.write(f"{who}\n")
        to_child.flush()
        return float(from_child.readline())

    try:
        assert from_child.readline() == "up\n"
        yield take
    finally:
        child.kill()
        child.communicate()


def until(happens: Callable[[], bool]) -> None:
    """Wait for it, at most ten seconds."""
    give_up_at = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < give_up_at
        time.sleep(0.3)


def test_a_burst_passes_and_then_the_pace_holds() -> None:
    claims = pace(per_s=2, burst=3)

    waits = [claims.take("vera", at=START) for _ in range(4)]

    assert waits == [0, 0, 0, 0.5]
    assert claims.take("vera", at=START + 0.5) == 0
    assert claims.take("vera", at=START + 0.5) == 0.5


def test_who_waits_as_long_as_told_is_let_in() -> None:
    claims, at = pace(per_s=7, burst=1), START
    claims.take("vera", at=at)

    for _ in range(1000):
        wait_s = claims.take("vera", at=at)
        assert 0 < wait_s <= 1 / 7
        at += wait_s
        assert claims.take("vera", at=at) == 0


def test_each_person_has_a_pace_of_their_own() -> None:
    claims = pace(burst=1)
    claims.take("vera", at=START)

    assert claims.take("vera", at=START) > 0
    assert claims.take("victor", at=START) == 0


def test_what_was_refused_does_not_count() -> None:
    claims = pace(per_s=1, burst=1)
    claims.take("vera", at=START)

    for tenth in range(9):
        claims.take("vera", at=START + tenth / 10)

    assert claims.take("vera", at=START + 1) == 0


def test_asking_again_is_not_another_act_but_has_a_pace_too() -> None:
    claims = pace(per_s=1, burst=1)

    again = [claims.take_once("vera", "key", at=START + n / 100) for n in range(40)]

    assert again[:10] == [0] * 10
    assert again.count(0) <= 10 + 4
    assert claims.take_once("vera", "other key", at=START + 0.5) == 0.5


def test_a_refused_act_counts_when_it_is_asked_again() -> None:
    claims = pace(per_s=1, burst=1)
    claims.take_once("vera", "first", at=START)

    assert claims.take_once("vera", "second", at=START) == 1
    assert claims.take_once("vera", "second", at=START + 1) == 0
    assert claims.take_once("vera", "third", at=START + 1) == 1


def test_a_key_is_its_owners_and_old_after_ten_seconds() -> None:
    claims = pace(per_s=0.01, burst=1)
    claims.take_once("vera", "key", at=START)
    claims.take_once("victor", "own", at=START)

    assert claims.take_once("victor", "key", at=START) > 0
    assert claims.take_once("vera", "key", at=START + 9) == 0
    assert claims.take_once("vera", "key", at=START + 10) > 0


def test_the_longest_unseen_are_forgotten_and_nobody_else() -> None:
    claims = pace(per_s=0.001, burst=1, most_known=3)
    for who in ("vera", "victor", "walter"):
        claims.take_once(who, "key", at=START)
    claims.take("vera", at=START)

    claims.take("xenia", at=START)

    assert claims.take("vera", at=START) > 0
    assert claims.take("walter", at=START) > 0
    assert claims.take("victor", at=START) == 0


def test_threads_together_get_no_more_than_the_burst() -> None:
    claims, begin = pace(per_s=0.001, burst=500), threading.Barrier(8)
    allowed: list[float] = []

    def press() -> None:
        begin.wait()
        allowed.extend(wait for wait in (claims.take("vera") for _ in range(200)) if not wait)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(allowed) == 500


def test_two_processes_learn_of_each_other_within_one_exchange() -> None:
    name = f"test-{uuid4()}"
    here, there = (pace(name=name, per_s=1, burst=4, exchange=Exchange()) for _ in range(2))
    for claims in (here, there):
        assert [claims.take("vera") for _ in range(4)] == [0] * 4

    for claims in (here, there):
        assert claims._exchange
        claims._exchange.tell_all()

    assert 0 < here.take("vera") <= 1
    assert 4 < there.take("vera") <= 5


def test_who_spreads_over_two_processes_gets_one_pace_in_all() -> None:
    """Each second both processes are pressed as hard as they let; without the exchange it would be twice the pace."""
    name, at, allowed = f"test-{uuid4()}", time.monotonic(), 0
    both = [pace(name=name, per_s=5, burst=5, exchange=Exchange()) for _ in range(2)]

    until = at + 6
    while time.monotonic() < until:
        for claims in both:
            allowed += sum(claims.take("vera") == 0 for _ in range(10))
            assert claims._exchange
        time.sleep(0.2)
        for claims in both:
            claims._exchange.tell_all()  # type: ignore[union-attr]

    assert allowed <= 5 * 6 + 2 * 5 + 5


def test_a_crowd_of_people_who_come_once_is_not_told() -> None:
    claims = pace(exchange=Exchange())
    for number in range(100):
        claims.take(number)
    claims.take(7)

    assert [who for who, _ in claims.spent()] == [7]


def test_two_real_processes_slow_somebody_who_uses_both_and_go_on_alone_without_redis(tmp_path: Path) -> None:
    valkey, name = Valkey(tmp_path), f"test-{uuid4()}"
    here = pace(name=name, per_s=0.01, burst=6, exchange=Exchange(valkey.url))

    with valkey.running(), other_process(name, valkey.url) as there:
        assert [here.take("vera"), here.take("vera"), here.take("vera")] == [0, 0, 0]
        assert [there("vera"), there("vera"), there("vera")] == [0, 0, 0]
        until(lambda: there("vera") > 0)
        valkey.stop()
        assert [there("victor") > 0 for _ in range(7)] == [False] * 6 + [True]
        assert [here.take("victor") > 0 for _ in range(7)] == [False] * 6 + [True]
        with valkey.running():
            until(lambda: there("walter") + here.take("walter") > 0)
            until(lambda: there("walter") > 0 and here.take("walter") > 0)


def test_redis_away_is_told_once_and_what_was_counted_meanwhile_is_nobodys_debt(tmp_path: Path) -> None:
    valkey = Valkey(tmp_path)
    claims = pace(per_s=1, burst=100, exchange=Exchange(valkey.url))
    exchange = claims._exchange
    assert exchange

    with capture_logs() as said:
        for _ in range(3):
            claims.take("vera")
            claims.take("vera")
            exchange.tell_all()
    with valkey.running(), capture_logs() as said_later:
        claims.take("vera")
        exchange.tell_all()
        exchange.tell_all()
        debts_ms = [Redis.from_url(valkey.url).pttl(f"pace:{claims.name}:vera")]

    assert [line["event"] for line in said] == ["shared_counts_away"]
    assert [line["event"] for line in said_later] == ["shared_counts_back"]
    assert 1000 < debts_ms[0] <= 2000


def test_a_fork_counts_on_with_a_thread_of_its_own() -> None:
    """As a server that loads the application before it forks its workers; the lock was held at that moment."""
    claims = pace(per_s=0.01, burst=2, exchange=Exchange())
    claims.take("vera")
    claims.take("vera")
    reader, writer = os.pipe()

    with claims._lock:
        child = os.fork()
        if child == 0:
            exchange = claims._exchange
            fresh = exchange is not None and exchange._thread is None
            os.write(writer, b"well" if fresh and claims.take("vera") > 0 and claims.take("victor") == 0 else b"ill ")
            os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reader, 4) == b"well"
