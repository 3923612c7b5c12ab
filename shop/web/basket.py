"""A basket as the cart and the checkout print it: rows of goods, and held pieces with their clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.urls import reverse

from shop.catalog.models import Picture, Variant
from shop.checkout.queries import Basket, BasketLine, HeldPieces
from shop.core.money import Money
from shop.stock.queries import counts_of, ms_left


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
    """One numbered piece, "17 of 200", and how long it is kept."""

    title: str
    number: int
    of: int
    price: Money
    was: Money | None
    picture: Picture | None
    remaining_ms: int
    is_paying: bool
    let_go_url: str


def rows_of(basket: Basket) -> list[Row]:
    """The cart lines; their pictures come with the basket."""
    return [_row(line, store_handle=basket.store.handle) for line in basket.lines]


def held_rows(basket: Basket, *, at: datetime) -> list[HeldRow]:
    """Each held piece, in three queries at most; none without holds. `at` is the database's clock."""
    if not basket.holds:
        return []
    prefetch_related_objects([held.variant for held in basket.holds], "pictures", "product__pictures")
    totals = counts_of({held.hold.allotment_id for held in basket.holds})
    return [
        row
        for held in basket.holds
        for row in _held(held, store_handle=basket.store.handle, of=totals[held.hold.allotment_id].total, at=at)
    ]


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


def _held(held: HeldPieces, *, store_handle: str, of: int, at: datetime) -> Iterator[HeldRow]:
    left = ms_left(held.hold, at=at)
    for place, piece in enumerate(held.pieces):
        yield HeldRow(
            title=held.variant.product.title,
            number=piece.number,
            of=of,
            price=piece.price,
            was=held.variant.price,
            picture=picture_of(held.variant),
            remaining_ms=left,
            is_paying=held.is_being_paid,
            let_go_url="" if place else reverse("let_go", args=[store_handle, held.hold.pk]),
        )
