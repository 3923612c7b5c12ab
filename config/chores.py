"""What tick does, and how often: one visible table."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from django.db import close_old_connections

from config import inspecting, work
from config.broker import Broker
from config.errands import Crew, Errand
from config.monitor import CHORE_FAILURES, CHORE_SECONDS, OWED
from config.reactions import REACTIONS
from liveevents.drops import record
from liveevents.drops import services as drops
from shop.core import relay
from shop.stock import services as stock

LONGEST_WAIT_S = 5.0

log = structlog.get_logger(__name__)


@dataclass
class Chore:
    """Something done again and again. A failure is told, and tried again after a little longer each time."""

    name: str
    every_s: float
    run: Callable[[], object]
    due_at: float = 0.0
    failures: int = 0

    def run_if_due(self) -> None:
        """Do it if its time has come."""
        if time.monotonic() < self.due_at:
            return
        close_old_connections()
        with CHORE_SECONDS.labels(self.name).time():
            self._run()
        self.due_at = time.monotonic() + min(self.every_s * 2**self.failures, max(LONGEST_WAIT_S, self.every_s))

    def _run(self) -> None:
        try:
            self.run()
        except Exception:  # the clock must not stop, whatever a chore ran into; told here, counted, done again
            self.failures = min(self.failures + 1, 10)
            CHORE_FAILURES.labels(self.name).inc()
            log.exception("chore_failed", chore=self.name, failures=self.failures)
        else:
            self.failures = 0


def lanes() -> dict[str, list[Chore]]:
    """The chores by the thread that does them: what is scarce never waits for mail, Stripe or Redis."""
    broker, inside, outside = Broker(), Crew(name="inside", size=2), Crew(name="outside", size=4)
    errand = partial(_errand, broker=broker, crew=outside)
    return {
        "stock": [
            Chore("free_due_holds", 1, stock.free_due),
            Chore("end_due_drops", 1, drops.end_due_drops),
            Chore("end_sold_drops", 1, drops.end_sold_drops),
            Chore("end_due_allotments", 1, stock.end_due_allotments),
        ],
        "inspection": [Chore("inspect_if_overdue", 15, inspecting.inspect_if_overdue)],
        "facts": [
            Chore("relay_facts", 0.25, partial(relay.relay, reactions=REACTIONS)),
            Chore("keep_records", 1, record.keep_records),
            Chore("keep_settled_records", 60, record.keep_settled_records),
            errand("react", 0.25, relay.owed, work.react, crew=inside),
        ],
        "outside": [
            errand("talk", 0.25, work.attempts_owed, work.talk),
            errand("handle_webhook", 0.25, work.webhooks_owed, work.handle_webhook),
            errand("send_refund", 1, work.refunds_owed, work.send_refund),
            errand("send_mail", 0.5, work.mails_owed, work.send_mail),
            errand("render_picture", 2, work.pictures_owed, work.render_picture),
            Chore("lapse_old_orders", 10, work.lapse_old_orders),
        ],
    }


def _errand(name: str, every_s: float, owed: work.Owed, run: work.Run, *, broker: Broker, crew: Crew) -> Chore:
    """A chore that hands out the work of one kind of row."""
    errand = Errand(task=f"config.tasks.{name}", owed=owed, run=run, crew=crew)

    def hand_out() -> None:
        OWED.labels(name).set(errand.hand_out(broker))

    return Chore(f"hand_out_{name}", every_s, hand_out)
