"""A process is killed in the middle: nothing is lost, and nothing happens twice."""

from collections.abc import Callable, Iterator

import pytest

from config.local.stack import Stack
from config.local.world import World, is_paid, wait_until
from tests.journeys.buyer import Buyer
from tests.journeys.conftest import Ask, kill

pytestmark = pytest.mark.stack

SETTLED = """
    select count(*) from shop_delivery d join shop_fact f on f.id = d.fact_id join shop_order o on o.number = %s
    where d.done_at is null and f.kind = 'order.paid' and f.subject = o.id::text"""


@pytest.fixture
def mortal_worker(house: Stack) -> Iterator[None]:
    """Whatever became of it, a worker lives afterwards."""
    yield
    if house.supervisor.child("worker").process.poll() is not None:
        house.supervisor.restart("worker")


@pytest.fixture
def mortal_valkey(house: Stack) -> Iterator[None]:
    """Whatever became of it, Valkey lives afterwards."""
    yield
    if house.supervisor.child("valkey").process.poll() is not None:
        house.supervisor.restart("valkey")


@pytest.mark.usefixtures("mortal_worker")
def test_a_worker_killed_in_the_middle_of_a_payment_loses_nothing_and_does_nothing_twice(
    house: Stack, world: World, buyer: Buyer, ask: Ask
) -> None:
    log = house.supervisor.logs / "worker.log"
    talks = log.read_text().count("config.tasks.talk")
    world.fault(kind="slow", method="POST", path="/v1/checkout/sessions", seconds=4, count=1)
    buyer.takes_a_file()
    buyer.checks_out()
    wait_until(lambda: log.read_text().count("config.tasks.talk") > talks, "a worker asks Stripe for a payment page")

    kill(house, "worker")
    buyer.pays(comes_back=False)
    house.supervisor.restart("worker")
    buyer.waits_until_it_is_paid()

    wait_until(lambda: ask(SETTLED, buyer.number) == [(0,)], "everything that follows has followed")
    assert buyer.mails == [f"Your order {buyer.number} from Saltware Studio"]
    assert _made_for(buyer, ask) == {"attempts": 1, "rights": 1, "receipts": 1}
    assert len(_sessions(world, buyer)) == 1


@pytest.mark.usefixtures("mortal_valkey")
def test_without_valkey_claims_payments_orders_and_expiry_go_on(
    house: Stack,
    world: World,
    buyer: Buyer,
    ask: Ask,
    open_drop: Callable[..., int],
    time_passes: Callable[[int], None],
) -> None:
    drop_id, sleeper = open_drop(pieces=2), Buyer(world, world.visitor())
    kill(house, "valkey")

    piece, forgotten = buyer.claims(drop_id), sleeper.claims(drop_id)
    assert (piece.status, forgotten.status) == (200, 200)
    time_passes(forgotten.json["hold"])
    buyer.takes_a_file()
    buyer.checks_out(to_berlin=True)
    buyer.pays(comes_back=False)
    buyer.waits_until_it_is_paid()
    wait_until(lambda: _free(drop_id, ask) == 1, "the piece that nobody paid is free again")

    wait_until(lambda: ask(SETTLED, buyer.number) == [(0,)], "everything that follows has followed")
    assert buyer.mails == [f"Your order {buyer.number} from Saltware Studio"]
    assert _made_for(buyer, ask) == {"attempts": 1, "rights": 1, "receipts": 1}
    assert is_paid(buyer.browser, buyer.order_url)
    assert world.visitor().get("/").status == 200


def _made_for(buyer: Buyer, ask: Ask) -> dict[str, int]:
    """How many of each thing came of the order."""
    counts = {
        "attempts": "select count(*) from shop_attempt t join shop_order o on o.id = t.order_id where o.number = %s",
        "rights": """select count(*) from shop_right r join shop_orderline l on l.id = r.order_line_id
                     join shop_order o on o.id = l.order_id where o.number = %s""",
        "receipts": 'select count(*) from shop_mail m join shop_order o on m."to" = o.email where o.number = %s',
    }
    return {what: ask(sql, buyer.number)[0][0] for what, sql in counts.items()}


def _sessions(world: World, buyer: Buyer) -> list[object]:
    """Stripe's payment pages of the order."""
    made = world.stripe("/v1/checkout/sessions?limit=100")["data"]
    return [session for session in made if session["metadata"].get("order") == buyer.number]


def _free(drop_id: int, ask: Ask) -> int:
    free = """select count(*) from shop_piece p join liveevents_drop d on d.allotment_id = p.allotment_id
              where d.id = %s and p.state = 0"""
    return int(ask(free, drop_id)[0][0])
