"""The way to the workers. It may be gone: then it says so at once, and is left alone for a while."""

import time

import structlog
from kombu.exceptions import OperationalError

from config.celery import app

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 15.0

log = structlog.get_logger(__name__)


class Broker:
    """Sends task messages. After a failure nothing is tried for a growing while, so a dead Redis holds up nobody."""

    def __init__(self) -> None:
        self._wait_s = 0.0
        self._away_until = 0.0

    def send(self, task: str, subject: int | str) -> bool:
        """Ask a worker to do this; False where nobody can be asked now."""
        if time.monotonic() < self._away_until:
            return False
        try:
            app.send_task(task, args=[subject], retry=False, ignore_result=True)
        except (OperationalError, OSError) as failure:
            self._leave_alone(failure)
            return False
        self._wait_s = 0.0
        return True

    def _leave_alone(self, failure: Exception) -> None:
        self._wait_s = min(max(self._wait_s * 2, FIRST_WAIT_S), LONGEST_WAIT_S)
        self._away_until = time.monotonic() + self._wait_s
        log.warning("broker_away", why=str(failure), again_in_s=self._wait_s)
