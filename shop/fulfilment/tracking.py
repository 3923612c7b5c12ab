"""Where an order is, in words for its buyer: derived from the rows each time it is asked, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from shop.fulfilment.models import Parcel, ParcelItem
from shop.fulfilment.states import ParcelState
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderState

DONE, CURRENT, FAILED, AHEAD = "done", "current", "failed", "ahead"
ON_ITS_WAY = (ParcelState.SHIPPED, ParcelState.DELIVERED)
SLOWEST_FIRST = (ParcelState.MISSING, ParcelState.TO_PACK, ParcelState.PACKED, *ON_ITS_WAY)
WORDS = {
    ParcelState.MISSING: (
        later("Being packed"),
        later("We are still looking for something that belongs into your parcel. We will write to you either way."),
    ),
    ParcelState.TO_PACK: (later("Being packed"), later("We have your order and put your parcel together.")),
    ParcelState.PACKED: (later("Packed"), later("Your parcel is closed and waits for the carrier.")),
    ParcelState.SHIPPED: (later("On its way"), later("Your parcel was handed over to the carrier.")),
    ParcelState.DELIVERED: (later("Delivered"), later("Your parcel has arrived.")),
    ParcelState.EMPTY: (later("Refunded"), later("There is nothing left to send.")),
}


@dataclass(frozen=True)
class Step:
    """One step of the way: `state` is "done", "current", "failed" or "ahead"."""

    name: str
    icon: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class TrackedParcel:
    """One parcel with something of the order in it; `url` is the carrier's page, empty where there is none."""

    state: str
    sentence: str
    carrier: str
    number: str
    url: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Tracking:
    """What the order page tells. Carrier, number and address are of the first parcel that is on its way."""

    steps: tuple[Step, ...]
    headline: str
    sentence: str
    parcels: tuple[TrackedParcel, ...] = ()

    @property
    def carrier(self) -> str:
        """Who brings it; empty before it is handed over."""
        return self._first.carrier if self._first else ""

    @property
    def number(self) -> str:
        """The tracking number; empty where there is none."""
        return self._first.number if self._first else ""

    @property
    def url(self) -> str:
        """The carrier's page; empty where there is none."""
        return self._first.url if self._first else ""

    @property
    def _first(self) -> TrackedParcel | None:
        return next((parcel for parcel in self.parcels if parcel.carrier), None)


def tracking(order: Order) -> Tracking:
    """The truth about an order at this moment; two queries (lines, then items with their parcels)."""
    return trackings([order])[order.pk]


def trackings(orders: Sequence[Order]) -> dict[int, Tracking]:
    """The truth about each order by id, with one query for the parcels of all; their lines are prefetched."""
    items: dict[int, list[ParcelItem]] = {order.pk: [] for order in orders}
    sent = ParcelItem.objects.filter(order_line__order__in=orders).select_related("parcel", "order_line")
    for item in sent.order_by("id"):
        items[item.order_line.order_id].append(item)
    return {order.pk: _tracking(order, items[order.pk]) for order in orders}


def _tracking(order: Order, items: Sequence[ParcelItem]) -> Tracking:
    lines = list(order.lines.all())
    match OrderState(order.state):
        case OrderState.PLACED:
            return _waiting_for_payment(lines)
        case OrderState.LAPSED:
            return _lapsed(order)
        case OrderState.CANCELLED if not any(item.parcel.state in ON_ITS_WAY for item in items):
            return _cancelled(order)
        case _:
            return _paid(order, lines, items)


def _waiting_for_payment(lines: Sequence[OrderLine]) -> Tracking:
    steps = [Step(_("Payment"), "card", CURRENT), *_ahead(lines)]
    return Tracking(
        tuple(steps), _("Waiting for your payment"), _("Nothing is charged yet. We start as soon as it is paid.")
    )


def _lapsed(order: Order) -> Tracking:
    steps = (Step(_("Payment"), "card", FAILED, day(order.lapsed_at)),)
    return Tracking(
        steps, _("This order was not paid"), _("It is closed and nothing was charged. You are welcome to order again.")
    )


def _cancelled(order: Order) -> Tracking:
    steps = (
        Step(_("Paid"), "card", DONE, day(order.paid_at)),
        Step(_("Cancelled"), "close", FAILED, day(order.cancelled_at)),
    )
    return Tracking(
        steps, _("This order was cancelled"), _("All of your money goes back the way it came; banks take a few days.")
    )


def _paid(order: Order, lines: Sequence[OrderLine], items: Sequence[ParcelItem]) -> Tracking:
    paid = Step(_("Paid"), "card", DONE, day(order.paid_at))
    if all(line.is_digital for line in lines):
        steps, headline, sentence = _files_only()
    else:
        steps, headline, sentence = _goods(lines, items)
    said = " ".join(filter(None, [sentence, _given_back(lines)]))
    return Tracking((paid, *steps), headline, said, tuple(_tracked(items)))


def _files_only() -> tuple[tuple[Step, ...], str, str]:
    step = Step(_("Ready to download"), "download", DONE)
    return (step,), _("Ready to download"), _("Your files are yours to fetch at any time.")


def _goods(lines: Sequence[OrderLine], items: Sequence[ParcelItem]) -> tuple[tuple[Step, ...], str, str]:
    states = _states_of_what_is_sent(lines, items)
    slowest = min(states, key=SLOWEST_FIRST.index) if states else ParcelState.EMPTY
    parcel = next((item.parcel for item in items if item.parcel.state == slowest), None)
    headline, sentence = WORDS[slowest]
    several = _("It comes in several parcels.") if len({item.parcel_id for item in items if item.quantity}) > 1 else ""
    return _steps_at(slowest, parcel), str(headline), " ".join(filter(None, [str(sentence), several]))


def _states_of_what_is_sent(lines: Sequence[OrderLine], items: Sequence[ParcelItem]) -> list[ParcelState]:
    """The parcel states of everything that was or will be sent; what has no parcel yet waits to be packed."""
    in_parcels = {item.order_line_id for item in items}
    to_come = [line for line in lines if not line.is_digital and line.kept_quantity and line.id not in in_parcels]
    return [ParcelState(item.parcel.state) for item in items if item.quantity] + [
        ParcelState.TO_PACK for _line in to_come
    ]


def _steps_at(state: ParcelState, parcel: Parcel | None) -> tuple[Step, ...]:
    if state == ParcelState.EMPTY:
        return (Step(_("Refunded"), "undo", FAILED),)
    reached = SLOWEST_FIRST.index(state)
    is_packed, is_shipped, is_delivered = (reached >= SLOWEST_FIRST.index(at) for at in SLOWEST_FIRST[2:])
    return (
        Step(_("Packed"), "box", DONE if is_packed else CURRENT, day(parcel.packed_at if parcel else None)),
        Step(_("On its way"), "truck", _way(is_shipped, is_delivered), day(parcel.shipped_at if parcel else None)),
        Step(_("Delivered"), "home", DONE if is_delivered else AHEAD, day(parcel.delivered_at if parcel else None)),
    )


def _way(is_shipped: bool, is_delivered: bool) -> str:
    if is_delivered:
        return DONE
    return CURRENT if is_shipped else AHEAD


def _ahead(lines: Sequence[OrderLine]) -> tuple[Step, ...]:
    if all(line.is_digital for line in lines):
        return (Step(_("Ready to download"), "download", AHEAD),)
    return Step(_("Packed"), "box", AHEAD), Step(_("On its way"), "truck", AHEAD), Step(_("Delivered"), "home", AHEAD)


def _given_back(lines: Sequence[OrderLine]) -> str:
    back, bought = sum(line.returned_quantity for line in lines), sum(line.quantity for line in lines)
    if not back:
        return ""
    said = ngettext("{back} of {bought} things was refunded.", "{back} of {bought} things were refunded.", back)
    return said.format(back=back, bought=bought)


def _tracked(items: Sequence[ParcelItem]) -> list[TrackedParcel]:
    parcels = {item.parcel_id: item.parcel for item in items if item.quantity}
    return [_one(parcel, [item for item in items if item.parcel_id == parcel.id]) for parcel in parcels.values()]


def _one(parcel: Parcel, items: Sequence[ParcelItem]) -> TrackedParcel:
    return TrackedParcel(
        state=parcel.state,
        sentence=str(WORDS[ParcelState(parcel.state)][1]),
        carrier=parcel.carrier_name,
        number=parcel.tracking_number,
        url=parcel.tracking_url,
        titles=tuple(item.order_line.title for item in items if item.quantity),
    )


def day(instant: datetime | None) -> str:
    """A date as this reader's language writes it, "Jun 1, 2026"; empty for None."""
    return format_date(instant, locale=to_locale(get_language() or "en")) if instant else ""
