"""A basket as the cart and the checkout print it: rows of goods, and held pieces with their clocks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from shop.catalog.models import Picture, Variant
from shop.checkout.queries import Basket, BasketLine, HeldPieces
from shop.core.money import Money
from shop.stock.queries import counts_of, ms_left
from shop.stores.models import Store
from shop.web.bought import tax_name


@dataclass(frozen=True)
class Row:
    """A cart line. `was` is the price of one when it was put in, where that was another."""

    line_id: int
    title: str
    note: str
    url: str
    quantity: int
    each: Money
    price: Money
    was: Money | None
    picture: Picture | None
    is_digital: bool
    problem: str


@dataclass(frozen=True)
class HeldRow:
    """The pieces of one hold: `number` is "17" or "17, 18" `of` 200; prices are of all of them together."""

    title: str
    number: str
    of: int
    quantity: int
    price: Money
    was: Money
    picture: Picture | None
    remaining_ms: int
    is_paying: bool
    let_go_url: str


def printed(basket: Basket, *, at: datetime) -> dict[str, Any]:
    """What the templates of the cart and the checkout take. `at` is the database's clock."""
    rows, held = rows_of(basket), held_rows(basket, at=at)
    return {
        "basket": basket,
        "rows": rows,
        "held": held,
        "lost": lost_titles(basket),
        "tax_name": tax_name(basket.quote.tax_rate_bp) if basket.quote else "",
        "cart_count": sum(row.quantity for row in rows) + sum(one.quantity for one in held),
    }


def rows_of(basket: Basket) -> list[Row]:
    """The cart lines; their pictures come with the basket."""
    return [_row(line, store_handle=basket.store.handle) for line in basket.lines]


def held_rows(basket: Basket, *, at: datetime) -> list[HeldRow]:
    """Each hold, in three queries at most; none without holds."""
    if not basket.holds:
        return []
    prefetch_related_objects([held.variant for held in basket.holds], "pictures", "product__pictures")
    totals = counts_of({held.hold.allotment_id for held in basket.holds})
    return [_held(one, store=basket.store, of=totals[one.hold.allotment_id].total, at=at) for one in basket.holds]


def lost_titles(basket: Basket) -> list[str]:
    """What the shopper held until a moment ago."""
    return sorted({hold.allotment.variant.product.title for hold in basket.lost})


def picture_of(variant: Variant) -> Picture | None:
    """The variant's own picture, else the product's first; both are prefetched."""
    return next(iter([*variant.pictures.all(), *variant.product.pictures.all()]), None)


def _row(line: BasketLine, *, store_handle: str) -> Row:
    variant = line.variant
    return Row(
        line_id=line.line_id,
        title=variant.product.title,
        note=variant.title,
        url=reverse("product", args=[store_handle, variant.product.handle]),
        quantity=line.quantity,
        each=line.price,
        price=line.total,
        was=line.was,
        picture=picture_of(variant),
        is_digital=variant.is_digital,
        problem=line.problem.said if line.problem else "",
    )


def _held(held: HeldPieces, *, store: Store, of: int, at: datetime) -> HeldRow:
    return HeldRow(
        title=held.variant.product.title,
        number=", ".join(str(piece.number) for piece in held.pieces),
        of=of,
        quantity=len(held.pieces),
        price=held.total,
        was=held.variant.price * len(held.pieces),
        picture=picture_of(held.variant),
        remaining_ms=ms_left(held.hold, at=at),
        is_paying=held.is_being_paid,
        let_go_url=reverse("let_go", args=[store.handle, held.hold.pk]),
    )
