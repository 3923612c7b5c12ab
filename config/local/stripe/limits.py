"""Stripe's rate limits: a hundred requests a second in all, twenty-five for one endpoint."""

import time
from collections import defaultdict, deque
from collections.abc import Callable

from config.local.stripe.errors import rate_limited

ALL_A_SECOND = 100
ENDPOINT_A_SECOND = 25


class RateLimits:
    """Counts the requests of the last second, in memory; enforces nothing until switched on."""

    def __init__(self, *, enforced: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.enforced = enforced
        self._clock = clock
        self._all: deque[float] = deque()
        self._endpoints: dict[str, deque[float]] = defaultdict(deque)

    def admit(self, *, endpoint: str) -> None:
        """Count one request. Raises ApiError 429 where it is one too many."""
        if not self.enforced:
            return
        now = self._clock()
        for seen, most, reason in (
            (self._all, ALL_A_SECOND, "global-rate"),
            (self._endpoints[endpoint], ENDPOINT_A_SECOND, "endpoint-rate"),
        ):
            while seen and seen[0] <= now - 1:
                seen.popleft()
            if len(seen) >= most:
                raise rate_limited(reason=reason)
        self._all.append(now)
        self._endpoints[endpoint].append(now)
