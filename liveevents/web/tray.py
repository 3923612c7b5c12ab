"""The tray: what is held for one person in a show's store, ready to be paid."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Subquery
from django.urls import reverse

from liveevents.web.room import Room
from shop.catalog.models import Picture
from shop.core.money import Money, total_of
from shop.stock.models import Hold, Piece
from shop.stock.queries import ms_left


@dataclass(frozen=True)
class Held:
    """One hold in the tray: its numbers are one claim's, so they share a clock and go together."""

    id: int
    title: str
    number: str
    of: int
    quantity: int
    price: Money
    picture: Picture | None
    remaining_ms: int
    is_paying: bool
    let_go_url: str


def tray(room: Room, *, back_to: str) -> dict[str, Any]:
    """What `_tray.html` takes: the holds with pictures and prices, and where to pay them."""
    last = Piece.objects.filter(allotment=OuterRef("allotment")).order_by().values("allotment")
    holds = (
        Hold.objects.filter(pk__in=[hold.pk for hold in room.holds])
        .annotate(pieces_made=Subquery(last.annotate(most=Max("number")).values("most")))
        .select_related("allotment__variant__product")
        .prefetch_related("pieces__allotment", "allotment__variant__product__pictures")
        .order_by("taken_at", "pk")
    )
    held = [_held(hold, room.now, back_to) for hold in (holds if room.holds else [])]
    prices = [hold.price for hold in held]
    return {
        "held": held,
        "total": total_of(prices, currency=prices[0].currency) if len(prices) > 1 else None,
        "checkout_url": reverse("checkout", args=[room.event.store.handle]),
    }


def _held(hold: Any, now: datetime, back_to: str) -> Held:
    prices = [piece.price for piece in hold.pieces.all()]
    variant = hold.allotment.variant
    return Held(
        id=hold.pk,
        title=" · ".join(filter(None, [variant.product.title, variant.title])),
        number=", ".join(str(number) for number in hold.numbers),
        of=hold.pieces_made,
        quantity=len(prices),
        price=total_of(prices, currency=hold.allotment.currency),
        picture=next(iter(variant.product.pictures.all()), None),
        remaining_ms=ms_left(hold, at=now),
        is_paying=hold.pay_until is not None,
        let_go_url=f"{reverse('let_go', args=[hold.pk])}?next={back_to}",
    )
