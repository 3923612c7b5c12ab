"""Which sale a drop is: read by one thread, while the others go on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from liveevents.claims import sales
from liveevents.claims.sales import Sale, Sales
from liveevents.events.states import EventState
from shop.stock.errors import UnknownSale
from tests.make import live

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 12


def found_by_many(known: Sales, drop_id: int) -> tuple[set[Sale], int]:
    """What many threads find at the same moment, and how many queries that took."""
    start = Barrier(THREADS)

    def find() -> tuple[Sale, int]:
        start.wait(timeout=10)
        try:
            with CaptureQueriesContext(connection) as asked:
                return known.find(drop_id), len(asked)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        found = [finding.result(timeout=20) for finding in [threads.submit(find) for _ in range(THREADS)]]
    return {sale for sale, _ in found}, sum(queries for _, queries in found)


@contextmanager
def drops_locked() -> Iterator[None]:
    """Nobody reads a drop meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("lock table liveevents_drop in access exclusive mode")
        yield


def test_many_who_come_first_read_once() -> None:
    drop, known = live.drop(), Sales()

    found, queries = found_by_many(known, drop.pk)

    assert found == {Sale(drop.allotment_id, drop.allotment.currency)}
    assert queries == 1


def test_while_one_reads_anew_the_others_go_on_with_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    drop, known = live.drop(), Sales()
    first = known.find(drop.pk)
    monkeypatch.setattr(sales, "LASTS_S", 0.0)
    known._known[drop.pk] = first, 0.0
    monkeypatch.setattr(sales, "LASTS_MEANWHILE_S", float("inf"))

    with ThreadPoolExecutor(2) as threads, drops_locked():
        slow = threads.submit(find_and_hang_up, known, drop.pk)
        while not known._reading[drop.pk % sales.READERS].locked():
            assert not slow.done()
        assert threads.submit(find_and_hang_up, known, drop.pk).result(timeout=5) == first
        assert not slow.done()

    assert slow.result() == first


def find_and_hang_up(known: Sales, drop_id: int) -> Sale:
    try:
        return known.find(drop_id)
    finally:
        connection.close()


def test_what_was_known_too_long_ago_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    drop, known = live.drop(), Sales()
    other = Sale(allotment_id=-1, currency="EUR")
    known._known[drop.pk] = other, float("-inf")

    found, queries = found_by_many(known, drop.pk)

    assert (found, queries) == ({Sale(drop.allotment_id, drop.allotment.currency)}, 1)


def test_a_drop_that_nobody_may_see_is_read_again_once_it_is_old() -> None:
    event, known = live.event(state=EventState.DRAFT), Sales()
    drop = live.planned_drop(event)

    with pytest.raises(UnknownSale):
        known.find(drop.pk)
    event.state = EventState.LIVE
    event.save()
    with pytest.raises(UnknownSale):
        known.find(drop.pk)
    known._known[drop.pk] = None, 0.0

    assert known.find(drop.pk).allotment_id == drop.allotment_id
