"""What a rehearsal plays: a show's rows, read from the real database through a transaction that cannot write."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from config.local.place import ROOT
from config.local.say import Trouble

Row = dict[str, Any]
Connection = psycopg.Connection[tuple[Any, ...]]

READ_ONLY: Final = "-c default_transaction_read_only=on -c statement_timeout=60s -c lock_timeout=5s"
ADDRESS: Final = re.compile(r"(?:^|/)e/([^/]+)/([^/?#]+)")
MOST_PRODUCTS: Final = 2000
MOST_NAMED: Final = 5
OURS: Final = ("config", "liveevents", "shop")

SHOWS = """
    select e.id, s.handle || '/' || e.slug from liveevents_liveevent e join shop_store s on s.id = e.store_id"""
OF_STORE = "select to_jsonb(t) from {} t where store_id = %s"
PRODUCTS = """
    select to_jsonb(p) from shop_product p where p.store_id = %s
    order by exists (select 1 from shop_variant v where v.product_id = p.id and v.id = any(%s)) desc,
             p.published_at desc nulls last, p.id limit %s"""
VARIANTS = "select to_jsonb(v) from shop_variant v where v.product_id = any(%s)"
STOCK = "select variant_id, on_hand - held from shop_stocklevel where variant_id = any(%s) and on_hand > held"
DROPS = """
    select to_jsonb(d), to_jsonb(a), to_jsonb(o),
           array(select p.price_minor from shop_piece p where p.allotment_id = a.id order by p.place),
           a.ended_at is null and (a.closes_at is null or a.closes_at > stagedoor_now())
    from liveevents_drop d join shop_allotment a on a.id = d.allotment_id join shop_offer o on o.id = d.offer_id
    where d.event_id = %s order by a.opens_at nulls last, d.id"""


@dataclass(frozen=True)
class DropScript:
    """One drop as it was planned: its rows, and the price of each piece in the order of handing out."""

    drop: Row
    allotment: Row
    offer: Row
    prices_minor: list[int]


@dataclass(frozen=True)
class Script:
    """A show with everything that its page and its checkout need; nobody's orders, addresses or accounts."""

    address: str
    event: Row
    store: Row
    rows: dict[str, list[Row]]
    stock: dict[int, int]
    drops: list[DropScript]
    followers: int


@contextmanager
def reading(database_url: str) -> Iterator[Connection]:
    """A connection that sees one moment and can write nothing. Raises Trouble where the database does not answer."""
    try:
        connection = psycopg.connect(database_url, options=READ_ONLY, connect_timeout=10)
    except psycopg.OperationalError as refused:
        raise Trouble(f"the database does not answer: {refused}") from refused
    with connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection


def read_script(connection: Connection, wanted: str) -> Script:
    """The show that `wanted` names: its id, slug, store/slug or address.

    Its drops are those that are still to come; where none is, all that it had. Raises Trouble.
    """
    _check_migrations(connection)
    event_id, address = _find(connection, wanted)
    event = _one(connection, "select to_jsonb(t) from liveevents_liveevent t where id = %s", event_id)
    store = _one(connection, "select to_jsonb(t) from shop_store t where id = %s", event["store_id"])
    drops = _drops(connection, event_id, address)
    wanted_variants = [script.allotment["variant_id"] for script in drops]
    products = _rows(connection, PRODUCTS, store["id"], wanted_variants, MOST_PRODUCTS)
    variants = _rows(connection, VARIANTS, [product["id"] for product in products])
    return Script(
        address=address,
        event=event,
        store=store,
        rows={
            "shop_shippingrate": _rows(connection, OF_STORE.format("shop_shippingrate"), store["id"]),
            "shop_taxrate": _rows(connection, OF_STORE.format("shop_taxrate"), store["id"]),
            "shop_product": products,
            "shop_variant": variants,
        },
        stock=dict(_ask(connection, STOCK, [variant["id"] for variant in variants])),
        drops=drops,
        followers=_ask(connection, "select count(*) from shop_follow where store_id = %s", store["id"])[0][0],
    )


def _find(connection: Connection, wanted: str) -> tuple[int, str]:
    """Id and store/slug of the one show that is meant. Raises Trouble for none and for several."""
    in_address = ADDRESS.search(wanted)
    name = "/".join(in_address.groups()) if in_address else wanted.strip().strip("/")
    if name.isdecimal() and len(name) < 18:
        found = _ask(connection, f"{SHOWS} where e.id = %s or e.slug = %s", int(name), name)
    elif "/" in name:
        found = _ask(connection, f"{SHOWS} where s.handle || '/' || e.slug = %s", name)
    else:
        found = _ask(connection, f"{SHOWS} where e.slug = %s", name)
    if len(found) == 1:
        return found[0][0], found[0][1]
    if found:
        raise Trouble(f"{wanted} is a show of several stores; say which: {_named(found)}.")
    known = _ask(connection, f"{SHOWS} order by e.state = 'live' desc, e.starts_at desc limit %s", MOST_NAMED)
    raise Trouble(f"there is no show {wanted}; " + (f"there is {_named(known)}." if known else "there is none at all."))


def _named(shows: Iterable[tuple[Any, ...]]) -> str:
    return ", ".join(address for _, address in shows)


def _drops(connection: Connection, event_id: int, address: str) -> list[DropScript]:
    rows = _ask(connection, DROPS, event_id)
    if not rows:
        raise Trouble(f"{address} has no drop to rehearse; plan one in the studio first.")
    to_come = [row for row in rows if row[-1]]
    return [DropScript(*row[:4]) for row in to_come or rows]


def _check_migrations(connection: Connection) -> None:
    """Rows are copied as they are, so both sides must have the same columns. Raises Trouble."""
    if not _ask(connection, "select to_regclass('django_migrations') is not null")[0][0]:
        raise Trouble("this database holds no shop yet; start `./run demo` once, or run `manage.py migrate`.")
    asked = "select app, name from django_migrations where app = any(%s)"
    theirs = {f"{app}.{name}" for app, name in _ask(connection, asked, list(OURS))}
    ours = {f"{app}.{path.stem}" for app in OURS for path in (ROOT / app).glob("migrations/[0-9]*.py")}
    if missing := sorted(ours - theirs):
        raise Trouble(
            f"this database is not up to date ({missing[0]} is missing); start `./run demo` once, "
            "or run `manage.py migrate`, and rehearse again."
        )
    if unknown := sorted(theirs - ours):
        raise Trouble(f"this database belongs to a newer Stagedoor (it knows {unknown[0]}): bring this up to date.")


def _one(connection: Connection, question: str, *values: object) -> Row:
    return _rows(connection, question, *values)[0]


def _rows(connection: Connection, question: str, *values: object) -> list[Row]:
    return [row for (row,) in _ask(connection, question, *values)]


def _ask(connection: Connection, question: str, *values: object) -> list[tuple[Any, ...]]:
    asked: Sequence[object] = values
    return connection.execute(question.encode(), asked).fetchall()
