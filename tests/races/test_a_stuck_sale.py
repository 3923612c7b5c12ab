"""A sale that somebody keeps locked must not hold up any other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from liveevents.drops.services import end_due_drops
from shop.core.facts import Fact
from shop.stock.models import Allotment, Hold
from shop.stock.services import end_due_allotments, free_due
from tests import make
from tests.make import live

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def locked(sale: Allotment) -> Iterator[None]:
    """Somebody else keeps the sale locked, and we wait a tenth of a second for it at most."""
    is_locked, may_go = threading.Event(), threading.Event()

    def keep_locked() -> None:
        with transaction.atomic():
            Allotment.objects.select_for_update().get(pk=sale.pk)
            is_locked.set()
            may_go.wait(10)
        connection.close()

    keeper = threading.Thread(target=keep_locked)
    keeper.start()
    is_locked.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '100ms'")
    try:
        yield
    finally:
        may_go.set()
        keeper.join()


def test_the_others_are_freed_and_the_stuck_one_is_told() -> None:
    stuck, free = make.allotment(), make.allotment()
    for sale in (stuck, free):
        make.hold(make.shopper(), sale)
    Hold.objects.update(held_until="2026-01-01T00:00Z")

    with locked(stuck), pytest.raises(ExceptionGroup, match="passed over"):
        free_due()

    assert [Hold.objects.get(allotment=sale).ending for sale in (stuck, free)] == ["", "expired"]
    assert free_due() == 1
    connection.close()


def test_the_others_are_ended_and_the_stuck_one_is_told() -> None:
    stuck, over = make.allotment(), make.allotment()
    Allotment.objects.update(opens_at="2026-01-01T00:00Z", closes_at="2026-01-01T00:01Z")

    with locked(stuck), pytest.raises(ExceptionGroup, match="passed over"):
        end_due_allotments()

    assert [Allotment.objects.get(pk=sale.pk).ended_at is None for sale in (stuck, over)] == [True, False]
    assert end_due_allotments() == 1
    connection.close()


def test_the_other_drops_are_ended_and_the_stuck_one_is_told() -> None:
    stuck, over = live.drop(), live.drop()
    Allotment.objects.update(opens_at="2026-01-01T00:00Z", closes_at="2026-01-01T00:01Z")

    with locked(stuck.allotment), pytest.raises(ExceptionGroup, match="passed over"):
        end_due_drops()

    assert [fact.subject for fact in Fact.objects.filter(kind="drop.ended")] == [str(over.pk)]
    assert end_due_drops() == 1
    connection.close()
