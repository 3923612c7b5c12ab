"""How fast somebody may do something: a bucket for each in this process, no Redis and no SQL on the way.

What other processes counted follows about a second behind (`shop.core.shared`).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from math import inf
from typing import Any, Final

from shop.core.shared import EXCHANGE, Exchange

SAME_ACT_S: Final = 10.0
REPEAT_EACH_S, REPEATS_ROOM_S = 0.1, 1.0
ROUNDING_S: Final = 1e-9


class Bucket:
    """One person's: when it is full again, for acts and for repeats of them, and what others were not told yet."""

    __slots__ = ("full_at", "is_shared", "repeats_full_at", "unshared")

    def __init__(self) -> None:
        self.full_at = -inf
        self.repeats_full_at = -inf
        self.unshared = 0
        self.is_shared = False


class Pace:
    """`per_s` a second and `burst` at once, for each `who`: an id or a digest, which Redis sees as it is.

    The bucket is an instant, no timer (the virtual scheduling of ITU-T I.371). What is refused does not count.
    Of more than `most_known` people the longest unseen are forgotten. Without an `exchange` each process counts alone.
    """

    def __init__(
        self,
        *,
        name: str,
        per_s: float,
        burst: float,
        most_known: int = 100_000,
        exchange: Exchange | None = EXCHANGE,
    ) -> None:
        self.name = name
        self.each_s = 1 / per_s
        self.room_s = burst / per_s
        self._most_known = most_known
        self._exchange = exchange
        self._known: OrderedDict[Hashable, Bucket] = OrderedDict()
        self._acts: OrderedDict[tuple[Hashable, Hashable], float] = OrderedDict()
        self._to_tell: dict[Hashable, Bucket] = {}
        self._lock = threading.Lock()

    def take(self, who: Hashable, *, at: float | None = None) -> float:
        """Count one more: 0.0 when it is allowed, else in how many seconds it will be. `at` is time.monotonic()'s."""
        now = time.monotonic() if at is None else at
        with self._lock:
            return self._take(self._bucket_of(who), who, now)

    def take_once(self, who: Hashable, key: Hashable, *, at: float | None = None) -> float:
        """The same, for an act with a key: asking again within 10 s is not another act and does not count.

        Even so nobody may ask again more than about ten times a second.
        """
        now = time.monotonic() if at is None else at
        act = (who, key)
        with self._lock:
            bucket = self._bucket_of(who)
            if now - self._acts.get(act, -inf) < SAME_ACT_S:
                return _repeat(bucket, now)
            wait_s = self._take(bucket, who, now)
            if not wait_s:
                self._acts[act] = now
                self._acts.move_to_end(act)
                _forget_oldest(self._acts, beyond=self._most_known)
            return wait_s

    def spent(self) -> list[tuple[Hashable, float]]:
        """Who took how many seconds' worth since the last call, as far as others should know.

        Somebody's only act in this process is kept back until the next: a crowd that comes once costs nothing.
        """
        with self._lock:
            told, self._to_tell = self._to_tell, {}
            counts = [(who, bucket.unshared * self.each_s) for who, bucket in told.items()]
            for bucket in told.values():
                bucket.unshared, bucket.is_shared = 0, True
        return counts

    def learn(self, who: Hashable, debt_s: float, *, at: float | None = None) -> None:
        """All processes together were told of so much that the bucket is full again in `debt_s` seconds."""
        now = time.monotonic() if at is None else at
        with self._lock:
            bucket = self._known.get(who)
            if bucket:
                bucket.full_at = max(bucket.full_at, now + debt_s + bucket.unshared * self.each_s)

    def unlock_in_child(self) -> None:
        """After a fork: nobody holds the lock here, whoever held it in the parent."""
        self._lock = threading.Lock()

    def _bucket_of(self, who: Hashable) -> Bucket:
        bucket = self._known.get(who)
        if bucket:
            self._known.move_to_end(who)
            return bucket
        bucket = self._known[who] = Bucket()
        _forget_oldest(self._known, beyond=self._most_known)
        return bucket

    def _take(self, bucket: Bucket, who: Hashable, now: float) -> float:
        full_at = max(bucket.full_at, now) + self.each_s
        wait_s = full_at - now - self.room_s
        if wait_s > ROUNDING_S:
            return wait_s
        bucket.full_at = full_at
        if self._exchange is not None:
            self._note(bucket, who, self._exchange)
        return 0.0

    def _note(self, bucket: Bucket, who: Hashable, exchange: Exchange) -> None:
        bucket.unshared += 1
        if (bucket.is_shared or bucket.unshared > 1) and who not in self._to_tell:
            self._to_tell[who] = bucket
            exchange.wake(self)


def _repeat(bucket: Bucket, now: float) -> float:
    full_at = max(bucket.repeats_full_at, now) + REPEAT_EACH_S
    wait_s = full_at - now - REPEATS_ROOM_S
    if wait_s > ROUNDING_S:
        return wait_s
    bucket.repeats_full_at = full_at
    return 0.0


def _forget_oldest(known: OrderedDict[Any, Any], *, beyond: int) -> None:
    if len(known) > beyond:
        known.popitem(last=False)
