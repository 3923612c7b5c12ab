"""What is left to be judged when all is quiet: the clients' history, the house's rows, and Stripe's own books."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import psycopg
from psycopg.rows import dict_row

from config.local.world import World
from tests.chaos.history import Seen

NEVER = float("inf")


@dataclass(frozen=True)
class Sale:
    """A drop and the terms of its pieces; instants are seconds since 1970."""

    drop: int
    pieces: int
    per_person: int
    opens_at: float
    closes_at: float


@dataclass(frozen=True)
class Owned:
    """A hold: who owned which numbers of a drop from `taken_at` until `ended_at`, and how that ended."""

    hold: int
    drop: int
    shopper: str
    key: str
    asked: int
    numbers: tuple[int, ...]
    taken_at: float
    held_until: float
    ended_at: float = NEVER
    ending: str = ""
    was_offered: bool = False


@dataclass(frozen=True)
class Bought:
    """An order: its state, its total in the smallest coin, and the (drop, number) of each piece kept in it."""

    order: str
    shopper: str
    state: str
    total_minor: int
    currency: str
    pieces: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Tried:
    """A payment attempt, and what of it the house gave back."""

    attempt: str
    order: str
    state: str
    amount_minor: int
    currency: str
    intent: str = ""
    refunded_minor: int = 0


@dataclass(frozen=True)
class Charged:
    """A payment intent as Stripe keeps it: what came in, what went back, in the smallest coin."""

    intent: str
    status: str
    received: int
    currency: str
    returned: int = 0


@dataclass(frozen=True)
class Evidence:
    """Everything; `sold` are the (drop, number) of pieces that are sold now, `left_over` counts what should be none."""

    seen: Seen = field(default_factory=Seen)
    sales: tuple[Sale, ...] = ()
    owned: tuple[Owned, ...] = ()
    sold: tuple[tuple[int, int], ...] = ()
    bought: tuple[Bought, ...] = ()
    tried: tuple[Tried, ...] = ()
    charged: tuple[Charged, ...] = ()
    left_over: dict[str, int] = field(default_factory=dict)


SALES = """
    select d.id as drop, (select count(*) from shop_piece p where p.allotment_id = a.id) as pieces, a.per_person,
        extract(epoch from a.opens_at)::float as opens_at, extract(epoch from a.closes_at)::float as closes_at
    from liveevents_drop d join shop_allotment a on a.id = d.allotment_id where a.opens_at is not null"""
OWNED = """
    select h.id as hold, d.id as drop, h.shopper_id::text as shopper, h.key::text as key, h.asked, h.numbers,
        extract(epoch from h.taken_at)::float as taken_at, extract(epoch from h.held_until)::float as held_until,
        coalesce(extract(epoch from h.ended_at)::float, 'infinity') as ended_at, h.ending,
        exists (select 1 from shop_waiter w where w.hold_id = h.id) as was_offered
    from shop_hold h join liveevents_drop d on d.allotment_id = h.allotment_id order by h.id"""
SOLD = """
    select d.id, p.number from shop_piece p join liveevents_drop d on d.allotment_id = p.allotment_id
    where p.state = 3"""
BOUGHT = """
    select o.number as order, o.shopper_id::text as shopper, o.state, o.total_minor, o.currency,
        array(select array[d.id, p.number] from shop_orderline l join shop_piece p on p.id = l.piece_id
              join liveevents_drop d on d.allotment_id = p.allotment_id
              where l.order_id = o.id and l.returned_quantity = 0) as pieces
    from shop_order o"""
TRIED = """
    select t.id::text as attempt, o.number as order, t.state, t.amount_minor, t.currency, t.intent_id as intent,
        coalesce((select sum(r.amount_minor) from shop_refund r where r.attempt_id = t.id and r.state = 'done'), 0)::int
            as refunded_minor
    from shop_attempt t join shop_order o on o.id = t.order_id"""
LEFT_OVER = {
    "pieces held or being paid": "select count(*) from shop_piece where state in (1, 2)",
    "holds that did not end": "select count(*) from shop_hold where ended_at is null",
    "pieces of ended drops that are neither sold nor back in stock": """
        select count(*) from shop_piece p join shop_allotment a on a.id = p.allotment_id
        where a.closes_at < stagedoor_now() and p.state not in (3, 4, 5)""",
    "people still in a line": "select count(*) from shop_waiter where left_at is null and hold_id is null",
    "orders that wait for their payment": "select count(*) from shop_order where state = 'placed'",
    "payments that live": "select count(*) from shop_attempt where state in ('created', 'open', 'authorised')",
    "refunds that are owed": "select count(*) from shop_refund where state in ('asked', 'sent')",
    "refunds that failed": "select count(*) from shop_refund where state = 'failed'",
    "facts that nobody relayed": "select count(*) from shop_fact where relayed_at is null",
    "reactions that are owed": "select count(*) from shop_delivery where done_at is null",
    "webhooks that nobody looked into": "select count(*) from shop_webhookevent where done_at is null",
    "letters that were not sent": "select count(*) from shop_mail where state <> 'sent'",
}


def gather(*, seen: Seen, database_url: str, world: World, drops: set[int]) -> Evidence:
    """Read the rows of these drops, and all of the money. The house must be quiet; Stripe's sandbox must answer."""
    with psycopg.connect(database_url, autocommit=True) as database:

        def read(kind: type[Any], sql: str) -> tuple[Any, ...]:
            return tuple(kind(**_tuples(row)) for row in database.cursor(row_factory=dict_row).execute(sql))

        return Evidence(
            seen=seen,
            sales=tuple(sale for sale in read(Sale, SALES) if sale.drop in drops),
            owned=tuple(one for one in read(Owned, OWNED) if one.drop in drops),
            sold=tuple((drop, number) for drop, number in database.execute(SOLD) if drop in drops),
            bought=read(Bought, BOUGHT),
            tried=read(Tried, TRIED),
            charged=charges(world),
            left_over=count_left_over(database),
        )


def count_left_over(database: psycopg.Connection[Any]) -> dict[str, int]:
    """What still waits for something, by what it is; empty when all is quiet."""
    counts = {what: database.execute(sql).fetchall()[0][0] for what, sql in LEFT_OVER.items()}
    return {what: count for what, count in counts.items() if count}


def charges(world: World) -> tuple[Charged, ...]:
    """Every payment intent that Stripe knows, with what went back of it."""
    returned: dict[str, int] = {}
    for refund in _all(world, "/v1/refunds"):
        if refund["status"] != "failed":
            returned[refund["payment_intent"]] = returned.get(refund["payment_intent"], 0) + refund["amount"]
    return tuple(
        Charged(
            intent=intent["id"],
            status=intent["status"],
            received=intent["amount_received"],
            currency=intent["currency"].upper(),
            returned=returned.get(intent["id"], 0),
        )
        for intent in _all(world, "/v1/payment_intents")
    )


def _all(world: World, path: str) -> list[dict[str, Any]]:
    """A list of Stripe's to its end."""
    found: list[dict[str, Any]] = []
    more = True
    while more:
        cursor = {"starting_after": found[-1]["id"]} if found else {}
        page = world.stripe(f"{path}?{urlencode({'limit': 100, **cursor})}")
        found += page["data"]
        more = page["has_more"]
    return found


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    """Arrays of the database as tuples, arrays in them too."""
    return {name: _frozen(value) if isinstance(value, list) else value for name, value in row.items()}


def _frozen(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_frozen(value) if isinstance(value, list) else value for value in values)
