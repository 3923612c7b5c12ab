"""Writing the copy of a show into an empty house: goods by rows, stock and drops by the services that plan them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from config.local.rehearse.script import DropScript, Row, Script
from liveevents.drops import record
from liveevents.drops.models import Drop
from liveevents.drops.services import schedule_drop
from liveevents.events.models import LiveEvent
from liveevents.events.states import EventState
from shop.catalog.models import Variant
from shop.core.clock import database_now
from shop.core.money import Money
from shop.pricing.services import open_offer
from shop.stock.levels import receive_first
from shop.stock.models import Audience
from shop.stock.services import carve

STORE, EVENT = "shop_store", "liveevents_liveevent"
LEAST_HOLD_S: Final = 30
REPLACED: Final = ("id", "event_id", "offer_id", "allotment_id", "created_at")


@dataclass(frozen=True)
class Slot:
    """How the rehearsal of a drop differs from its plan: its window and its clocks, in seconds."""

    opens_in_s: float
    lasts_s: int
    hold_s: int
    offer_s: int


def slots(drops: Sequence[DropScript], *, seconds: int, lead_s: float) -> list[Slot]:
    """One drop after the other, each as long as the others; nobody's time to pay is longer than half of it all."""
    each_s = seconds // len(drops)
    most_s = max(LEAST_HOLD_S, seconds // 2)
    return [
        Slot(
            opens_in_s=lead_s + place * each_s,
            lasts_s=each_s,
            hold_s=min(script.allotment["hold_s"], most_s),
            offer_s=min(script.allotment["offer_s"], most_s),
        )
        for place, script in enumerate(drops)
    ]


@transaction.atomic(durable=True)
def write_catalogue(script: Script, *, at: datetime) -> LiveEvent:
    """The store as it is, without pictures; the show on the air, whatever became of the real one."""
    _insert(STORE, [script.store | {"cover": "", "closed_at": None}])
    for table, rows in script.rows.items():
        _insert(table, rows)
    on_air = {"state": EventState.LIVE, "poster": "", "live_at": at.isoformat(), "starts_at": at.isoformat()}
    _insert(EVENT, [script.event | on_air | {"ended_at": None, "cancelled_at": None}])
    _stock_up(script)
    return LiveEvent.objects.get(pk=script.event["id"])


@transaction.atomic(durable=True)
def write_drop(script: DropScript, *, event: LiveEvent, slot: Slot) -> Drop:
    """Its pieces set aside at their prices, with the same terms; nothing is open yet."""
    terms, offer = script.allotment, script.offer
    variant = Variant.objects.get(pk=terms["variant_id"])
    allotment = carve(
        variant=variant,
        prices_minor=script.prices_minor,
        currency=terms["currency"],
        per_person=terms["per_person"],
        hold_s=slot.hold_s,
        offer_s=slot.offer_s,
        takes_fewer=terms["takes_fewer"],
        audience=Audience(terms["audience"]),
        code_word=terms["code_word"],
    )
    price = Money(offer["price_minor"], offer["currency"])
    kept = {name: value for name, value in script.drop.items() if name not in REPLACED}
    drop = Drop.objects.create(
        event=event,
        allotment=allotment,
        offer=open_offer(variant=variant, price=price, for_everyone=False, opens_at=None, closes_at=None),
        **(kept | {"duration_s": slot.lasts_s}),
    )
    record.write_plan(drop=drop)
    return drop


def announce(drops: Iterable[tuple[Drop, Slot]]) -> dict[int, datetime]:
    """Give each its hour, counted from now; drop id to the instant it opens."""
    began = database_now()
    opening = {}
    for drop, slot in drops:
        opening[drop.pk] = began + timedelta(seconds=slot.opens_in_s)
        schedule_drop(drop=drop, opens_at=opening[drop.pk])
    return opening


def _stock_up(script: Script) -> None:
    """What the shelves hold, and what the drops will take from them."""
    wanted = Counter(script.stock)
    for drop in script.drops:
        wanted[drop.allotment["variant_id"]] += len(drop.prices_minor)
    receive_first(quantities={pk: quantity for pk, quantity in wanted.items() if quantity > 0}, reference="rehearsal")


def _insert(table: str, rows: Sequence[Row]) -> None:
    """Rows as PostgreSQL told them as JSON, with their ids; the next id comes after them."""
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {name} select * from jsonb_populate_recordset(null::{name}, %s)",  # noqa: S608
            [json.dumps(rows)],
        )
        cursor.execute(
            f"select setval(pg_get_serial_sequence(%s, 'id'), (select coalesce(max(id), 1) from {name}))",  # noqa: S608
            [table],
        )


def script_from(said: Mapping[str, Any]) -> Script:
    """A Script from its JSON, where numbers became names."""
    drops = [DropScript(**drop) for drop in said["drops"]]
    stock = {int(variant_id): quantity for variant_id, quantity in said["stock"].items()}
    return Script(**{**said, "drops": drops, "stock": stock})
