"""A look at everything that must be true: each minute by beat, by tick where no worker did, told by log and metrics."""

import math
from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.db import DatabaseError, connection
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from config.invariants import broken_invariants
from shop.core.clock import database_now
from shop.core.inspections import Inspection

MOST_ROWS = 1000
OVERDUE = timedelta(minutes=2)

log = structlog.get_logger(__name__)


def inspect() -> dict[str, int]:
    """Look now; each broken invariant with how many rows tell so, at most MOST_ROWS. Kept in a row, told in the log."""
    broken = {name: len(rows) for name, rows in broken_invariants(most=MOST_ROWS).items()}
    Inspection.objects.update_or_create(pk=1, defaults={"looked_at": database_now(), "broken": broken})
    for name, rows in broken.items():
        log.error("invariant_broken", invariant=name, rows=rows)
    return broken


def inspect_if_overdue() -> bool:
    """Look where nobody did for two minutes, because beat, worker or Redis is away; whether we did."""
    if Inspection.objects.filter(looked_at__gt=database_now() - OVERDUE).exists():
        return False
    log.warning("inspection_overdue")
    inspect()
    return True


class Inspected:
    """The last look as metrics, read from its row at each scrape: a look that no longer happens grows old."""

    def describe(self) -> list[Metric]:
        """The families, without looking."""
        return list(self._families(broken=0, age_s=0))

    def collect(self) -> Iterator[Metric]:
        """Both figures; not a number while the database is away or nobody ever looked."""
        try:
            yield from self._families(*self._last())
        except DatabaseError as failure:
            log.warning("database_away", why=str(failure).strip())
            yield from self._families(broken=math.nan, age_s=math.nan)
        finally:
            connection.close()

    def _last(self) -> tuple[float, float]:
        last = Inspection.objects.first()
        if last is None:
            return math.nan, math.nan
        return len(last.broken), (database_now() - last.looked_at).total_seconds()

    def _families(self, broken: float, age_s: float) -> Iterator[Metric]:
        yield GaugeMetricFamily("stagedoor_invariants_broken", "Invariants that did not hold at the last look", broken)
        yield GaugeMetricFamily("stagedoor_invariants_age_seconds", "How long ago the last look was", age_s)
