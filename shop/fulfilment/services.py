"""The way of a parcel, from the first paid order to the door.

Lock order: the store and the lines that have no parcel yet (only where one may be opened), parcels by id; then whatever
comes after them elsewhere.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from shop.accounts.models import Address, User
from shop.core import facts
from shop.core.db import inside_transaction
from shop.core.states import advance
from shop.fulfilment.carriers import carrier_of, clean_number
from shop.fulfilment.contents import follow_orders, locked
from shop.fulfilment.errors import NoteNeeded, NotTicked, ParcelChanged, ParcelMoved, TooLateToCancel
from shop.fulfilment.models import Parcel, ParcelItem
from shop.fulfilment.states import ParcelState
from shop.fulfilment.words import happened_to
from shop.orders.models import Order
from shop.stores.models import Store

UNPACKED = (ParcelState.TO_PACK, ParcelState.MISSING)
LONGEST_NOTE = 200


@inside_transaction
def open_parcel(*, order_id: int) -> Parcel | None:
    """Put an order's goods into a parcel: the buyer's unpacked one to the same address, or a new one.

    None for an order of files only, or with nothing left to send. Doing it twice changes nothing.
    """
    order = Order.objects.select_related("ship_to").get(id=order_id)
    Store.objects.select_for_update(no_key=True).get(id=order.store_id)
    unsent = order.lines.select_for_update(of=("self",), no_key=True).filter(is_digital=False, parcel_item=None)
    lines = [line for line in unsent if line.kept_quantity]  # locked: a refund now waits, and then finds the parcel
    if not lines or not order.is_paid or order.ship_to is None:
        return None
    parcel = _unpacked_parcel_to(order, order.ship_to) or Parcel.objects.create(
        store_id=order.store_id, email=order.email, ship_to=order.ship_to
    )
    ParcelItem.objects.bulk_create(
        ParcelItem(parcel=parcel, order_line=line, quantity=line.kept_quantity) for line in lines
    )
    return parcel


def _unpacked_parcel_to(order: Order, address: Address) -> Parcel | None:
    """The buyer's parcel that the order may join: same store, e-mail and address, not packed yet."""
    written = {
        field.name: getattr(address, field.name) for field in Address._meta.concrete_fields if field.name != "id"
    }
    same_address = {f"ship_to__{name}__iexact": str(value) for name, value in written.items()}
    waiting = Parcel.objects.select_for_update(of=("self",)).filter(
        store_id=order.store_id, email__iexact=order.email, state__in=UNPACKED, **same_address
    )
    return waiting.order_by("id").first()


@inside_transaction
def follow_refund(*, order_id: int) -> None:
    """Take refunded units out of the order's parcels, unless they are on their way already.

    A packed parcel goes back on the table; one with nothing left is EMPTY. Doing it twice changes nothing.
    """
    for parcel in locked(Parcel.objects.filter(items__order_line__order_id=order_id).distinct()):
        follow_orders(parcel)


@inside_transaction
def keep_open(*, order_id: int) -> None:
    """Lock the order's parcels as they are, unpacked, until the transaction ends. Raises TooLateToCancel."""
    for parcel in locked(Parcel.objects.filter(items__order_line__order_id=order_id).distinct()):
        if parcel.state not in (*UNPACKED, ParcelState.EMPTY):
            raise TooLateToCancel()


@transaction.atomic(durable=True)
def pack(*, parcel: Parcel, contents: Mapping[int, int], by: User, at: datetime) -> Parcel:
    """Close a parcel that holds exactly `contents`: units by the id of their parcel item, as the packer ticked them.

    Raises ParcelMoved, ParcelChanged (also for a refund that nobody told the packer of) or NotTicked.
    """
    row = _in_state(parcel, ParcelState.TO_PACK)
    if follow_orders(row):
        raise ParcelChanged()
    wanted = {item.id: item for item in row.items.select_related("order_line").filter(quantity__gt=0)}
    if any(contents[item_id] != wanted[item_id].quantity for item_id in contents.keys() & wanted.keys()):
        raise ParcelChanged()
    if contents.keys() - wanted.keys():
        raise ParcelChanged()
    if left := [wanted[item_id].order_line.title for item_id in wanted.keys() - contents.keys()]:
        raise NotTicked(titles=", ".join(sorted(left)))
    advance(row, ParcelState.PACKED, packed_at=at, packed_by=by, missing_note="")
    facts.record("parcel.packed", subject=row.id)
    return row


@transaction.atomic(durable=True)
def unpack(*, parcel: Parcel) -> Parcel:
    """Open a packed parcel again. Raises ParcelMoved."""
    return advance(_in_state(parcel, ParcelState.PACKED), ParcelState.TO_PACK, packed_at=None, packed_by=None)


@transaction.atomic(durable=True)
def report_missing(*, parcel: Parcel, note: str) -> Parcel:
    """Set a parcel aside because something cannot be found. Raises NoteNeeded or ParcelMoved."""
    note = " ".join(note.split())
    if not 0 < len(note) <= LONGEST_NOTE:
        raise NoteNeeded(field="note")
    return advance(_in_state(parcel, ParcelState.TO_PACK), ParcelState.MISSING, missing_note=note)


@transaction.atomic(durable=True)
def report_found(*, parcel: Parcel) -> Parcel:
    """Back to the table: everything is there again. Raises ParcelMoved."""
    return advance(_in_state(parcel, ParcelState.MISSING), ParcelState.TO_PACK, missing_note="")


@transaction.atomic(durable=True)
def ship(*, parcel: Parcel, carrier: str, tracking_number: str, at: datetime) -> Parcel:
    """Hand a packed parcel to a carrier (its code). Raises BadCarrier, BadTrackingNumber or ParcelMoved."""
    company = carrier_of(carrier)
    number = clean_number(tracking_number, carrier=company)
    row = _in_state(parcel, ParcelState.PACKED)
    if follow_orders(row):
        raise ParcelChanged()
    advance(row, ParcelState.SHIPPED, shipped_at=at, carrier=company.code, tracking_number=number)
    facts.record("parcel.shipped", subject=row.id)
    return row


@transaction.atomic(durable=True)
def unship(*, parcel: Parcel) -> Parcel:
    """It was not handed over after all: what was refunded since is taken out of it. Raises ParcelMoved."""
    row = _in_state(parcel, ParcelState.SHIPPED)
    advance(row, ParcelState.PACKED, shipped_at=None, carrier="", tracking_number="")
    follow_orders(row)
    return row


@transaction.atomic(durable=True)
def deliver(*, parcel: Parcel, at: datetime) -> Parcel:
    """The parcel arrived. Raises ParcelMoved."""
    row = advance(_in_state(parcel, ParcelState.SHIPPED), ParcelState.DELIVERED, delivered_at=at)
    facts.record("parcel.delivered", subject=row.id)
    return row


@transaction.atomic(durable=True)
def undeliver(*, parcel: Parcel) -> Parcel:
    """It did not arrive after all. Raises ParcelMoved."""
    return advance(_in_state(parcel, ParcelState.DELIVERED), ParcelState.SHIPPED, delivered_at=None)


def _in_state(parcel: Parcel, state: ParcelState) -> Parcel:
    """The parcel's row, locked, in this state. Raises ParcelMoved, which says what happened to it."""
    row = Parcel.objects.select_for_update(of=("self",)).select_related("packed_by").get(id=parcel.id)
    if row.state != state:
        raise ParcelMoved(happened=happened_to(row))
    return row
