"""Tick as a process: it works alone, one leads, it outlives the database's connections and stops at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from shop.core import facts
from shop.core.facts import Delivery
from shop.downloads.models import Right
from shop.fulfilment.models import Parcel
from shop.mails.models import Mail, MailState
from tests import make
from tests.make.fulfilment import digital_file, paid_order

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[1]
# A second on a machine that does nothing else; tests share theirs.
PATIENCE_S = 3
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def tick(tmp_path: Path) -> Iterator[Start]:
    """Starts ticks on the test's database, with a Redis that is not there and mail that falls into a folder."""
    started: list[subprocess.Popen[bytes]] = []
    said = connection.settings_dict
    surroundings = {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_URL": f"postgres://{said['USER']}:{said['PASSWORD']}@{said['HOST']}:{said['PORT']}/{said['NAME']}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "METRICS_PORT": "0",
    }

    def start() -> subprocess.Popen[bytes]:
        log = (tmp_path / f"tick-{len(started)}.log").open("wb")
        command = [sys.executable, "-m", "config.tick"]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | surroundings, stdout=log, stderr=log)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
    for log in sorted(tmp_path.glob("tick-*.log")):
        sys.stdout.write(f"{log.name}\n{log.read_text()}")


def eventually(is_so: Callable[[], bool], within_s: float = 60) -> bool:
    end = time.monotonic() + within_s
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
    return is_so()


def leaders() -> list[int]:
    """The PostgreSQL sessions that hold the lead; test databases of other workers have their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pid from pg_locks where locktype = 'advisory' and granted"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        return [pid for (pid,) in cursor.fetchall()]


def was_paid() -> None:
    """The fact of an order with a mug and a file in it."""
    store = make.store()
    album = make.product(store, "Album")
    digital_file(album)
    order = paid_order((make.variant(make.product(store)), 1), (make.variant(album, is_digital=True), 2))
    with transaction.atomic():
        facts.record("order.paid", subject=order.id)


def is_done() -> bool:
    return Parcel.objects.count() == 1 and Right.objects.count() == 2


def test_without_redis_and_workers_everything_still_follows_and_is_done_once(tick: Start) -> None:
    was_paid()
    Mail.objects.create(reference="a", message_id="<a@x>", to="vera@stagedoor.example", subject="Hi", text="", html="")

    tick()

    assert eventually(is_done)
    assert eventually(lambda: Mail.objects.filter(reference="a", state=MailState.SENT).exists())
    assert eventually(lambda: not Delivery.objects.filter(done_at=None).exists())


def test_one_of_two_leads_and_the_other_takes_over_when_it_is_killed(tick: Start) -> None:
    first = tick()
    assert eventually(lambda: len(leaders()) == 1)
    tick()
    first_session = leaders()
    first.send_signal(signal.SIGKILL)

    assert eventually(lambda: len(leaders()) == 1 and leaders() != first_session)
    was_paid()

    assert eventually(is_done)


def test_a_database_that_drops_every_connection_is_found_again(tick: Start) -> None:
    process = tick()
    assert eventually(lambda: len(leaders()) == 1)
    time.sleep(1)

    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    was_paid()

    assert eventually(is_done)
    assert process.poll() is None


def test_it_stops_at_once(tick: Start) -> None:
    process = tick()
    assert eventually(lambda: len(leaders()) == 1)

    process.terminate()
    asked = time.monotonic()

    assert process.wait(timeout=5) == 0
    assert time.monotonic() - asked < PATIENCE_S
    assert leaders() == []
