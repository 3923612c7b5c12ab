"""What the processes of the house counted, told to each other through Redis about once a second.

Nothing waits for it. Without Redis each process goes on counting alone, and the exchange takes up again by itself.
"""

import os
import threading
import time
from collections.abc import Hashable, Sequence
from typing import Final, Protocol

import structlog
from django.conf import settings
from redis import Redis, RedisError

EVERY_S: Final = 1.0
PATIENCE_S: Final = 0.5
MOST_AT_ONCE: Final = 500
MOST_DEBT_S: Final = 10.0

# One bucket for the whole house: the instant at which it is full again. Its key ends with it.
# A debt beyond the bucket's room is kept for some seconds, or two processes would each allow the whole pace.
TELL = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local debts = {}
for i, key in ipairs(KEYS) do
    local full_at = math.max(tonumber(redis.call('GET', key) or 0), now) + ARGV[i + 1]
    local debt_s = math.min(full_at - now, ARGV[1] + 0)
    redis.call('SET', key, string.format('%.6f', now + debt_s), 'PX', math.ceil(debt_s * 1000) + 1000)
    debts[i] = string.format('%.6f', debt_s)
end
return debts
"""

log = structlog.get_logger(__name__)


class Counted(Protocol):
    """What takes part: a Pace."""

    name: str
    room_s: float

    def spent(self) -> list[tuple[Hashable, float]]: ...
    def learn(self, who: Hashable, debt_s: float) -> None: ...
    def unlock_in_child(self) -> None: ...


class Exchange:
    """One thread a process, started by the first who has something to tell; it sleeps while nobody has."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._counted: dict[str, Counted] = {}
        self._is_away = False
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def wake(self, counted: Counted) -> None:
        """There is something to tell; returns at once. Thread-safe."""
        self._counted[counted.name] = counted
        if self._thread is None:
            self._start()
        self._news.set()

    def _begin(self) -> None:
        """In a new process: no thread yet, no connection, no lock held."""
        self._thread: threading.Thread | None = None
        self._redis: Redis | None = None
        self._news = threading.Event()
        self._starting = threading.Lock()
        for counted in self._counted.values():
            counted.unlock_in_child()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._go_on, name="shared counts", daemon=True)
                self._thread.start()

    def _go_on(self) -> None:
        while True:
            self._news.wait()
            time.sleep(EVERY_S)
            self._news.clear()
            self.tell_all()

    def tell_all(self) -> None:
        """Tell what was counted here and learn what was counted everywhere; what cannot be told is dropped."""
        told_of = [(counted, counted.spent()) for counted in list(self._counted.values())]
        try:
            for counted, told in told_of:
                for begin in range(0, len(told), MOST_AT_ONCE):
                    self._tell(counted, told[begin : begin + MOST_AT_ONCE])
        except RedisError as failure:
            self._say_away(failure)
        else:
            self._say_back()

    def _tell(self, counted: Counted, told: Sequence[tuple[Hashable, float]]) -> None:
        keys = [f"pace:{counted.name}:{who}" for who, _ in told]
        spent = [seconds for _, seconds in told]
        debts = self._connected().eval(TELL, len(keys), *keys, counted.room_s + MOST_DEBT_S, *spent)
        for (who, _), debt_s in zip(told, debts, strict=True):
            counted.learn(who, float(debt_s))

    def _connected(self) -> Redis:
        if self._redis is None:
            url = self._url or settings.REDIS_URL
            self._redis = Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
        return self._redis

    def _say_away(self, failure: RedisError) -> None:
        if not self._is_away:
            log.warning("shared_counts_away", why=str(failure))
        self._is_away = True

    def _say_back(self) -> None:
        if self._is_away:
            log.info("shared_counts_back")
        self._is_away = False


EXCHANGE: Final = Exchange()
