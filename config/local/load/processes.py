"""Drivers in processes of their own, so that neither the caller's interpreter nor another driver's holds one up.

with Drivers() as drivers:
    result, heard = drivers.run(Load(port=8000, connections=64, requests=asks, keeps_replies=True))
"""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import cycle
from typing import NamedTuple

from config.local.load.driver import PATIENCE_S, nobody_hears, run_now
from config.local.load.replies import Reply
from config.local.load.result import Result, together


class Kept(NamedTuple):
    """A reply that was kept, without its head: to which of the requests, and how long after the first was sent."""

    place: int
    reply: Reply
    after_s: float


Heard = list[Kept]


@dataclass(frozen=True)
class Load:
    """What is driven: each request sent once, or all over and over (`repeats`) until the seconds are over.

    There are at least as many requests, and connections, as drivers.
    """

    port: int
    connections: int
    requests: Sequence[bytes]
    host: str = "127.0.0.1"
    seconds: float | None = None
    repeats: bool = False
    keeps_replies: bool = False
    patience_s: float = PATIENCE_S


class Drivers:
    """Processes that stand ready to drive; to be used as a context manager. They share nothing open with ours."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> "Drivers":
        list(self._pool.map(_stand_ready, range(self.count)))
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def run(self, load: Load) -> tuple[Result, Heard]:
        """Drive with all processes together.

        Beside the result: each reply without its head, with the place of its request in `load.requests`, where the
        load keeps replies.
        """
        done = list(self._pool.map(_drive, _shares(load, self.count)))
        heard = [
            kept._replace(place=kept.place * self.count + share)
            for share, (_, of_share) in enumerate(done)
            for kept in of_share
        ]
        return together([result for result, _ in done]), heard


def _shares(load: Load, count: int) -> Iterator[Load]:
    """An equal part for each driver."""
    for share in range(count):
        yield replace(
            load,
            connections=len(range(share, load.connections, count)),
            requests=load.requests[share::count],
        )


def _stand_ready(_: int) -> None:
    """Have this process started and its modules imported."""


def _drive(load: Load) -> tuple[Result, Heard]:
    kept: Heard = []
    places = {request: place for place, request in enumerate(load.requests)} if load.keeps_replies else {}

    def keep(request: bytes, reply: Reply) -> None:
        kept.append(Kept(places[request], reply._replace(head=b""), time.perf_counter()))

    result = run_now(
        cycle(load.requests) if load.repeats else load.requests,
        host=load.host,
        port=load.port,
        connections=load.connections,
        seconds=load.seconds,
        hear=keep if load.keeps_replies else nobody_hears,
        patience_s=load.patience_s,
    )
    return result, [one._replace(after_s=one.after_s - result.began) for one in kept]
