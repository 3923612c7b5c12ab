"""Goods of several sales and shelves in one order, a sale and who is new to it: nobody waits in a circle."""

from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest
from django.db import OperationalError, transaction

from shop.catalog.models import Variant
from shop.core import clock
from shop.orders.models import Order
from shop.payments.models import Refund
from shop.payments.seen import Status
from shop.payments.services import apply, refund
from shop.stock import levels
from shop.stock.claiming import Claimed, claim_pieces
from shop.stock.errors import LimitReached
from shop.stock.models import Allotment, Hold, StockLevel
from shop.stock.services import end_allotment, join_line
from shop.stores.models import Store
from tests import make
from tests.races.gates import Gate
from tests.twins import Twin, replaced

Race = Callable[..., list[object]]
pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 25
FREES = "perform free_due_pieces(sale_id);"
GREETS = "insert into shop_shopper (id) values (a_shopper) on conflict do nothing;"
GREETS_FIRST = Twin("a line that knows people before it locks", "join_line", FREES, f"{GREETS}\n{FREES}")


@pytest.fixture
def store(transactional_db: None) -> Store:
    """A store that sends anywhere."""
    made = make.store()
    make.rates(made)
    return made


def two_shelves(store: Store) -> list[Variant]:
    return [make.variant(make.product(store), stock=1000) for _ in range(2)]


def bought(store: Store, sale: Allotment, ordinary: Variant) -> Order:
    """A piece of the sale and a unit of something else, checked out."""
    buyer = make.shopper()
    make.hold(buyer, sale)
    make.in_cart(buyer, ordinary)
    return make.order(buyer, store)


def give_everything_back(order: Order) -> Refund:
    return refund(
        order=order,
        lines={line.pk: 1 for line in order.lines.all()},
        comes_back=True,
        with_shipping=False,
        by=None,
        reason="Broken",
        at=clock.now(),
    )


def die(order: Order) -> None:
    attempt = make.attempt_of(order)
    apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.DEAD), at=clock.now())


def keep(variants: list[Variant]) -> None:
    """What a checkout of both things does to their shelves."""
    with transaction.atomic():
        levels.hold_stock(wanted={variant.pk: 1 for variant in variants})


def crossed_orders(store: Store, shelves: list[Variant], *, count: int) -> list[Order]:
    """Orders of a piece of one thing and a unit of the other, and the other way round; both sales are over."""
    sales = [make.allotment(variant, pieces=count) for variant in shelves]
    orders = []
    for _ in range(count):
        orders += [bought(store, sale, other) for sale, other in zip(sales, reversed(shelves), strict=True)]
    for sale in sales:
        end_allotment(allotment_id=sale.pk)
    return orders


def all_of(work: Callable[[Order], object], orders: list[Order]) -> None:
    for order in orders:
        work(order)


def test_refunds_of_crossed_orders_do_not_wait_for_each_other(race: Race, store: Store) -> None:
    shelves = two_shelves(store)
    orders = [make.pay(order) for order in crossed_orders(store, shelves, count=ROUNDS)]

    race(*(partial(all_of, give_everything_back, orders[side::2]) for side in range(2)))

    assert [make.on_hand(variant) for variant in shelves] == [1000, 1000]


@pytest.mark.made_up("stock is kept only for payments that live")
def test_payments_that_die_do_not_wait_for_a_checkout_in_a_circle(race: Race, store: Store) -> None:
    shelves = two_shelves(store)
    orders = crossed_orders(store, shelves, count=ROUNDS)
    Hold.objects.update(kept_s=0)

    def check_out() -> None:
        for _ in range(ROUNDS * 3):
            keep(shelves)

    race(*(partial(all_of, die, orders[side::2]) for side in range(2)), check_out)

    assert set(StockLevel.objects.values_list("held", flat=True)) == {ROUNDS * 3}


def claim_and_join(race: Race, gate: Gate, *twins: Twin) -> list[object]:
    """Somebody new joins the line in one tab while their claim in another has the sale, and does not know them yet."""
    sale, stranger = make.allotment(pieces=1), uuid4()
    claim = partial(claim_pieces, allotment_id=sale.pk, shopper_id=stranger, key=uuid4(), quantity=1)
    join = partial(join_line, allotment_id=sale.pk, shopper_id=stranger, quantity=1, takes_fewer=True)
    with replaced(*twins, gate.before("claim_pieces", "if taken > 0 then")):
        return race(claim, partial(gate.then, join), meanwhile=partial(gate.open_when, stuck=2))


@pytest.mark.naive
def test_a_line_that_knows_people_before_it_locks_waits_for_their_claim_in_a_circle(race: Race, gate: Gate) -> None:
    with pytest.raises(OperationalError, match="deadlock detected"):
        claim_and_join(race, gate, GREETS_FIRST)


def test_somebody_new_claims_and_joins_the_line_at_once(race: Race, gate: Gate) -> None:
    claimed, joined = claim_and_join(race, gate)

    assert isinstance(claimed, Claimed)
    assert isinstance(joined, LimitReached)
