"""What a load came to."""

import os
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Result:
    """Replies by status (0: none came, `troubles` says why) and the seconds that each took.

    `began` and `ended` (the last reply) are of the machine's own clock, the same in all of its processes; `cpu_s` is
    what the driver itself used.
    """

    statuses: dict[int, int]
    latencies_s: "array[float]"
    began: float
    ended: float
    cpu_s: float
    troubles: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many requests were sent."""
        return sum(self.statuses.values())

    @property
    def seconds(self) -> float:
        """From the first request to the last reply."""
        return self.ended - self.began

    def per_s(self, *statuses: int) -> float:
        """Replies with one of these statuses a second; all replies when none is named."""
        wanted = sum(self.statuses.get(status, 0) for status in statuses) if statuses else self.count
        return wanted / self.seconds if self.seconds else 0.0

    def latency_ms(self, share: float) -> float:
        """The latency that this share of the replies did not exceed: 0.5 is the median, 0.99 the p99."""
        ranked = sorted(self.latencies_s)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0

    @property
    def driver_share(self) -> float:
        """What the driver took of the machine's cores meanwhile, 0 to 1."""
        return self.cpu_s / (self.seconds * (os.cpu_count() or 1)) if self.seconds else 0.0


def together(results: Sequence[Result]) -> Result:
    """Drivers that ran at the same time as one: from the first that began to the last that ended."""
    latencies = array("d")
    for result in results:
        latencies.extend(result.latencies_s)
    return Result(
        statuses=dict(sum((Counter(result.statuses) for result in results), Counter())),
        troubles=dict(sum((Counter(result.troubles) for result in results), Counter())),
        latencies_s=latencies,
        began=min(result.began for result in results),
        ended=max(result.ended for result in results),
        cpu_s=sum(result.cpu_s for result in results),
    )
