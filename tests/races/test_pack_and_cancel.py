"""Somebody packs while the buyer cancels: exactly one of them wins."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from shop.checkout.cancel import cancel_by_buyer
from shop.core.errors import Conflict
from shop.fulfilment.models import Parcel
from shop.fulfilment.services import follow_refund, open_parcel, pack
from shop.fulfilment.states import ParcelState
from shop.orders.models import Order
from shop.payments.services import cancel_order
from tests.conftest import NOON
from tests.make.fulfilment import packer, paid_order, parcel

ROUNDS = 12


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.made_up("the books say what was paid, less what went back"),
]


def at_once(*presses: Callable[[], object]) -> list[str]:
    """Press together; "won", or the code of the refusal, of each."""
    ready, answers = threading.Barrier(len(presses)), [""] * len(presses)

    def press(which: int) -> None:
        ready.wait()
        try:
            presses[which]()
        except Conflict as refusal:
            answers[which] = refusal.code
        else:
            answers[which] = "won"
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(which,)) for which in range(len(presses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.naive
def test_looking_first_and_cancelling_later_would_let_both_win() -> None:
    order = paid_order()
    box, fred = parcel(order), packer(order.store)
    seen = {item.id: item.quantity for item in box.items.all()}

    looked_open = Parcel.objects.get(id=box.id).state == ParcelState.TO_PACK
    pack(parcel=box, contents=seen, by=fred, at=NOON)
    if looked_open:
        with transaction.atomic():
            cancel_order(order=order, by=None, reason="", at=NOON)

    assert Parcel.objects.get(id=box.id).state == ParcelState.PACKED
    assert not Order.objects.get(id=order.id).is_paid


def test_pack_or_cancel_never_both_never_neither() -> None:
    for round_ in range(ROUNDS):
        order = paid_order(email=f"buyer{round_}@stagedoor.example")
        box, fred = parcel(order), packer(order.store)
        seen = {item.id: item.quantity for item in box.items.all()}

        answers = at_once(
            lambda: pack(parcel=box, contents=seen, by=fred, at=NOON),  # noqa: B023 - used in this round only
            lambda: cancel_by_buyer(order=order, at=NOON),  # noqa: B023
        )

        assert answers.count("won") == 1
        is_packed = Parcel.objects.get(id=box.id).state == ParcelState.PACKED
        assert is_packed == (answers[0] == "won") == Order.objects.get(id=order.id).is_paid


def test_two_presses_on_packed_pack_once() -> None:
    order = paid_order()
    box, fred = parcel(order), packer(order.store)
    seen = {item.id: item.quantity for item in box.items.all()}

    answers = at_once(*[lambda: pack(parcel=box, contents=seen, by=fred, at=NOON)] * 4)

    assert sorted(answers) == ["parcel_moved"] * 3 + ["won"]


def test_an_order_cancelled_while_its_parcel_is_opened_leaves_nothing_in_it() -> None:
    order, is_opened = paid_order(), threading.Event()

    def open_slowly() -> None:
        with transaction.atomic():
            open_parcel(order_id=order.id)
            is_opened.set()
            time.sleep(0.3)

    def cancel() -> None:
        is_opened.wait(10)
        cancel_by_buyer(order=order, at=NOON)
        with transaction.atomic():
            follow_refund(order_id=order.id)

    assert at_once(open_slowly, cancel) == ["won", "won"]

    assert Parcel.objects.get().state == ParcelState.EMPTY
