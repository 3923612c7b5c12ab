"""As much load as a number of connections makes: each sends its next request when it has the reply to the one before.

    async def main() -> None:
        asks = (post_json(path, {"quantity": 1}, host=host, cookies=..., headers=...) for ... in ...)
        result = await run(asks, host="127.0.0.1", port=8000, connections=64, seconds=3, hear=note)

`hear(request, reply)` is called for each reply, in the order of their coming; status 0 is a request whose fate is
unknown. In a process of its own: `processes.py`.
"""

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import uvloop

from config.local.load.line import Line
from config.local.load.replies import Reply
from config.local.load.result import Result

Hear = Callable[[bytes, Reply], None]
PATIENCE_S: Final = 15.0
LOOK_EVERY_S: Final = 0.25
PAUSE_AFTER_LOSS_S: Final = 0.05


def nobody_hears(request: bytes, reply: Reply) -> None:
    """The default: statuses and latencies are enough."""


def run_now(
    requests: Iterable[bytes],
    *,
    host: str,
    port: int,
    connections: int,
    seconds: float | None = None,
    hear: Hear = nobody_hears,
    patience_s: float = PATIENCE_S,
) -> Result:
    """The same as run() for who has no event loop, on uvloop."""
    driven = run(
        requests, host=host, port=port, connections=connections, seconds=seconds, hear=hear, patience_s=patience_s
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(driven)


async def run(
    requests: Iterable[bytes],
    *,
    host: str,
    port: int,
    connections: int,
    seconds: float | None = None,
    hear: Hear = nobody_hears,
    patience_s: float = PATIENCE_S,
) -> Result:
    """Send the requests over so many connections until they or the seconds have run out.

    All connections stand before the first request is sent, and every reply is waited for, at most `patience_s`.
    """
    lines = [Line(host=host, port=port) for _ in range(connections)]
    await asyncio.gather(*(line.open() for line in lines))
    work = _Work(iter(requests), hear, seconds)
    seats = [_Seat(line, work) for line in lines]
    cpu_before = time.process_time()
    work.begin()
    watch = asyncio.create_task(_hurry(seats, patience_s))
    try:
        await asyncio.gather(*(seat.sit() for seat in seats))
    finally:
        watch.cancel()
        for line in lines:
            line.close()
    return work.result(cpu_s=time.process_time() - cpu_before)


class _Work:
    """What all seats share: the requests that are left, and what came of those that were sent."""

    def __init__(self, requests: Iterator[bytes], hear: Hear, seconds: float | None) -> None:
        self._requests, self.hear, self._seconds = requests, hear, seconds
        self.statuses: Counter[int] = Counter()
        self.troubles: Counter[str] = Counter()
        self.latencies_s = array("d")
        self.began = self.until = self.ended = 0.0

    def begin(self) -> None:
        self.began = self.ended = time.perf_counter()
        self.until = self.began + self._seconds if self._seconds is not None else float("inf")

    def next(self) -> bytes | None:
        return next(self._requests, None) if time.perf_counter() < self.until else None

    def note(self, request: bytes, reply: Reply, sent_at: float) -> None:
        self.ended = time.perf_counter()
        self.latencies_s.append(self.ended - sent_at)
        self.statuses[reply.status] += 1
        if reply.trouble:
            self.troubles[reply.trouble] += 1
        self.hear(request, reply)

    def result(self, *, cpu_s: float) -> Result:
        return Result(
            statuses=dict(self.statuses),
            troubles=dict(self.troubles),
            latencies_s=self.latencies_s,
            began=self.began,
            ended=self.ended,
            cpu_s=cpu_s,
        )


class _Seat:
    """One connection's share of the work."""

    def __init__(self, line: Line, work: _Work) -> None:
        self.line, self.work = line, work
        self.request: bytes | None = None
        self.sent_at = 0.0
        self.has_left = asyncio.Event()

    async def sit(self) -> None:
        """Until there is nothing left to send and nothing to wait for."""
        self._send_next()
        await self.has_left.wait()

    def _send_next(self) -> None:
        self.request = self.work.next()
        if self.request is None:
            self.has_left.set()
            return
        self.sent_at = time.perf_counter()
        self.line.send(self.request, self._heard)

    def _heard(self, reply: Reply) -> None:
        assert self.request is not None
        self.work.note(self.request, reply, self.sent_at)
        if self.line.is_open:
            self._send_next()
        else:
            self.request = None
            self._again = asyncio.get_running_loop().create_task(self._come_again(pause=reply.status == 0))

    async def _come_again(self, *, pause: bool) -> None:
        if pause:
            await asyncio.sleep(PAUSE_AFTER_LOSS_S)
        await self.line.open()
        self._send_next()


async def _hurry(seats: list[_Seat], patience_s: float) -> None:
    """Hang up on replies that take too long, until cancelled."""
    while True:
        await asyncio.sleep(min(LOOK_EVERY_S, patience_s))
        late = time.perf_counter() - patience_s
        for seat in seats:
            if seat.request is not None and seat.sent_at < late:
                seat.line.close("timeout")
