"""The desk: claims that arrive together are asked together. One thread and one connection a process, no timer:
what queued while a group was asked is the next group.

It decides nothing. A group is one call of `claim_together`; the database locks, reads its clock and decides.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from prometheus_client import Counter as Metric
from prometheus_client import Histogram
from psycopg.errors import LockNotAvailable, QueryCanceled

from liveevents.claims.notices import LETS_HOLDERS_PAST, Notices
from shop.core.errors import Busy
from shop.stock.claiming import Answer, Ask, claim_together
from shop.stock.queries import holders_since

MOST_TOGETHER: Final = 64
MOST_WAITING: Final = 96
PATIENCE_S: Final = 3.0
IDLE_S: Final = 30.0
PLANS_LAST_S: Final = 1.0
LEFT_ALONE_S: Final = 1.0
LIMITS: Final = "-c lock_timeout=500ms -c statement_timeout=3s"
OUT_OF_REACH: Final = (OperationalError, InterfaceError)

GROUPS = Histogram("stagedoor_claim_group", "Asks in one call of the database", buckets=(1, 2, 4, 8, 16, 32, 64))
VERDICTS = Metric("stagedoor_claim_verdicts_total", "What the database said to claims", ["verdict"])

log = structlog.get_logger(__name__)


class Waiting:
    """Somebody at the desk: what they want, and a lock that opens when they are answered."""

    __slots__ = ("answer", "answered", "ask", "sale_id")

    def __init__(self, sale_id: int, ask: Ask) -> None:
        self.sale_id, self.ask = sale_id, ask
        self.answer: Answer | None = None
        self.answered = threading.Lock()
        self.answered.acquire()


Group = list[list[Waiting]]  # those who share an ask share an answer


class Desk:
    """Asks for many at once. At most `most_waiting` wait at a time: whoever comes then is sent away at once."""

    def __init__(self, notices: Notices, *, most_waiting: int = MOST_WAITING) -> None:
        self.notices = notices
        self._room = threading.BoundedSemaphore(most_waiting)
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._database: BaseDatabaseWrapper | None = None
        self._plans_old_at = 0.0
        self._locked_until: dict[int, float] = {}

    def ask(self, sale_id: int, ask: Ask) -> Answer:
        """What the database says to this ask.

        Inside somebody's transaction it is asked right there, on their connection. A sale that somebody kept locked too
        long is left alone for a moment, or everybody would wait with it. Raises Busy then, when too many wait, and when
        nothing is heard in time: the ask may still be granted, and the same key learns it.
        """
        if connection.in_atomic_block:
            return claim_together(allotment_id=sale_id, asks=[ask])[0]
        is_locked = time.monotonic() < self._locked_until.get(sale_id, 0.0)
        if is_locked or not self._room.acquire(blocking=False):
            raise Busy(wait_s=1)
        try:
            return self._wait(Waiting(sale_id, ask))
        finally:
            self._room.release()

    def close(self) -> None:
        """Let the thread answer who waits, give its connection back and end; the next ask starts another."""
        with self._starting:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
                self._thread = None

    def _wait(self, waiting: Waiting) -> Answer:
        if self._thread is None or not self._thread.is_alive():
            self._start()
        self._queue.put(waiting)
        if not waiting.answered.acquire(timeout=PATIENCE_S) or waiting.answer is None:
            raise Busy(wait_s=1)
        return waiting.answer

    def _start(self) -> None:
        """In the process that asks first, for a thread does not survive a fork; and again after a bug ended it."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        left: list[Waiting] = []
        try:
            while (batch := self._next_batch(left)) is not None:
                group, later = sort_out(batch)
                left = [*self._serve_group(group), *later]
        finally:
            self._hang_up()

    def _serve_group(self, group: Group) -> list[Waiting]:
        """Answer a group; returns those who belong to the next one: a person is given something once a group."""
        sale_id, asked_at = group[0][0].sale_id, self.notices.clock()
        answers = self._ask_database(sale_id, [same[0].ask for same in group])
        again = []
        for same, answer in zip(group, answers, strict=True):
            if answer is not None and answer.verdict == "again":
                again += same
                continue
            for waiting in same:
                waiting.answer = answer
                waiting.answered.release()
        self._note(sale_id, [answer for answer in answers if answer is not None], asked_at)
        return again

    def _next_batch(self, left: list[Waiting]) -> list[Waiting] | None:
        """Who was left over, then who queued meanwhile; None when the desk closes."""
        batch = list(left)
        while len(batch) < MOST_TOGETHER:
            try:
                waiting = self._queue.get_nowait() if batch else self._queue.get(timeout=IDLE_S)
            except queue.Empty:
                if batch:
                    break
                self._hang_up()
                continue
            if waiting is None:
                return None
            batch.append(waiting)
        return batch

    def _ask_database(self, sale_id: int, asks: Sequence[Ask]) -> Sequence[Answer | None]:
        """An answer for each; None where none could be had. A group that fails is asked one by one."""
        GROUPS.observe(len(asks))
        try:
            return self._ask_twice(sale_id, asks)
        except OUT_OF_REACH as away:
            log.warning("claims_unanswered", asks=len(asks), why=str(away))
            if isinstance(away.__cause__, LockNotAvailable):
                self._locked_until[sale_id] = time.monotonic() + LEFT_ALONE_S
            return [None] * len(asks)
        except DatabaseError as wrong:
            log.warning("claims_asked_singly", asks=len(asks), why=str(wrong))
            return [self._ask_singly(sale_id, ask) for ask in asks]

    def _ask_singly(self, sale_id: int, ask: Ask) -> Answer | None:
        try:
            return self._ask_twice(sale_id, [ask])[0]
        except (DatabaseError, InterfaceError):
            log.exception("claim_failed", key=str(ask.key))
            return None

    def _note(self, sale_id: int, answers: Sequence[Answer], asked_at: float) -> None:
        """Count the verdicts, and hang up what they say; the holders first, who are let past it."""
        for verdict, times in Counter(answer.verdict for answer in answers).items():
            VERDICTS.labels(verdict).inc(times)
        try:
            if any(answer.verdict in LETS_HOLDERS_PAST for answer in answers):
                known = self.notices.last_hold(sale_id)
                self.notices.note_holders(sale_id, holders_since(known, sale_id=sale_id, on=self._line()))
        except DatabaseError as away:
            log.warning("no_notice", why=str(away))
        else:
            for answer in answers:
                self.notices.heed(sale_id, answer, asked_at=asked_at)

    def _ask_twice(self, sale_id: int, asks: Sequence[Ask]) -> list[Answer]:
        """A lost connection is made again, once; keys make asking twice harmless. A sale that is locked is not."""
        try:
            self._renew_plans(self._line())
            return claim_together(allotment_id=sale_id, asks=asks, on=self._line())
        except OUT_OF_REACH as lost:
            if isinstance(lost.__cause__, LockNotAvailable | QueryCanceled):
                raise
            self._hang_up()
            return claim_together(allotment_id=sale_id, asks=asks, on=self._line())

    def _line(self) -> BaseDatabaseWrapper:
        """The desk's own connection to the database: pages never wait for it, and it never waits for theirs."""
        if self._database is None:
            self._database = connections["default"].copy()
            self._database.settings_dict["OPTIONS"] = {"options": LIMITS}
        return self._database

    def _renew_plans(self, line: BaseDatabaseWrapper) -> None:
        """The function is planned once a connection, for tables as large as they are then; in a drop they grow fast."""
        now = time.monotonic()
        if now >= self._plans_old_at:
            with line.cursor() as cursor:
                cursor.execute("discard plans")
            self._plans_old_at = now + PLANS_LAST_S

    def _hang_up(self) -> None:
        if self._database is not None:
            with suppress(*OUT_OF_REACH):
                self._database.close()
            self._database = None


def sort_out(batch: Sequence[Waiting]) -> tuple[Group, list[Waiting]]:
    """The first one's sale, one ask a shopper, in the order of arrival; and who belongs to a later group.

    The same ask twice (a double click) is one.
    """
    sale_id = batch[0].sale_id
    group: dict[object, list[Waiting]] = {}
    left = []
    for waiting in batch:
        same = group.setdefault(waiting.ask.shopper_id, []) if waiting.sale_id == sale_id else None
        if same is None or (same and same[0].ask != waiting.ask):
            left.append(waiting)
        else:
            same.append(waiting)
    return list(group.values()), left
