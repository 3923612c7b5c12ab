"""The waiting line at its edges: who is served at once, and who is not served any more."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shop.accounts.models import Shopper
from shop.core import clock
from shop.stock import claiming, services
from shop.stock.models import Allotment
from shop.stock.queries import counts_of, holds_of
from tests import make
from tests.conftest import set_clock

pytestmark = pytest.mark.django_db


def claim(shopper: Shopper, sale: Allotment, quantity: int = 1) -> int:
    claimed = claiming.claim_pieces(allotment_id=sale.pk, shopper_id=shopper.pk, key=uuid4(), quantity=quantity)
    return claimed.hold_id


def join(shopper: Shopper, sale: Allotment, quantity: int = 1, *, takes_fewer: bool = False) -> int:
    return services.join_line(allotment_id=sale.pk, shopper_id=shopper.pk, quantity=quantity, takes_fewer=takes_fewer)


def test_who_is_served_at_once_hears_so_whoever_waits_before(vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=3, per_person=3)
    claim(make.shopper(), sale, quantity=2)
    join(vera, sale, quantity=3)

    place = join(victor, sale, quantity=2, takes_fewer=True)

    assert [hold.quantity for hold in holds_of(victor)] == [1]
    assert place == 0


def test_a_piece_that_comes_free_after_closing_is_given_to_nobody(noon: object, vera: Shopper, victor: Shopper) -> None:
    sale = make.allotment(pieces=1, hold_s=120, lasts=timedelta(seconds=90))
    held = claim(vera, sale)
    join(victor, sale)

    set_clock(clock.database_now() + timedelta(seconds=31))
    services.let_go(hold_id=held, shopper=vera)

    assert list(holds_of(victor)) == []
    assert services.end_due_allotments() == 1
    assert counts_of([sale.pk])[sale.pk].total == 0
    assert make.on_hand(sale.variant) == 1
