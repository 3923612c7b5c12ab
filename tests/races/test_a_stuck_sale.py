"""A sale that somebody keeps locked must not keep the holds of other sales alive."""

import threading

import pytest
from django.db import connection, transaction

from shop.stock.models import Allotment, Hold
from shop.stock.services import free_due
from tests import make


@pytest.mark.django_db(transaction=True)
def test_the_others_are_freed_and_the_stuck_one_is_told() -> None:
    stuck, free = make.allotment(), make.allotment()
    for sale in (stuck, free):
        make.hold(make.shopper(), sale)
    Hold.objects.update(held_until="2026-01-01T00:00Z")
    is_locked, may_go = threading.Event(), threading.Event()

    def keep_locked() -> None:
        with transaction.atomic():
            Allotment.objects.select_for_update().get(pk=stuck.pk)
            is_locked.set()
            may_go.wait(10)
        connection.close()

    keeper = threading.Thread(target=keep_locked)
    keeper.start()
    is_locked.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '100ms'")

    with pytest.raises(ExceptionGroup, match="not freed"):
        free_due()

    assert [Hold.objects.get(allotment=sale).ending for sale in (stuck, free)] == ["", "expired"]
    may_go.set()
    keeper.join()
    assert free_due() == 1
    connection.close()
