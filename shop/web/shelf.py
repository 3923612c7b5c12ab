"""Products as a page shows them: their present prices, and what is sold out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from shop.catalog.models import Picture, Product, Variant
from shop.core.money import Money
from shop.pricing.queries import price_of
from shop.stock.queries import free_stock

FEW = 5


@dataclass(frozen=True)
class Choice:
    """A variant to choose. `left` is None where there is no reason to count: files, and plenty."""

    id: int
    title: str
    price: Money
    was: Money | None
    left: int | None
    is_gone: bool
    is_chosen: bool = False


@dataclass(frozen=True)
class Card:
    """A product in a grid."""

    name: str
    url: str
    price: Money
    was: Money | None
    picture: Picture | None
    has_dearer: bool
    is_gone: bool
    is_first: bool


def cards_of(products: Sequence[Product], *, eager: int = 4) -> list[Card]:
    """A card for each product, in two queries; the first few pictures are loaded at once."""
    choices = choices_of([variant for product in products for variant in product.variants.all()])
    return [
        card_of(product, [choices[variant.pk] for variant in product.variants.all()], is_first=place < eager)
        for place, product in enumerate(products)
        if product.variants.all()
    ]


def card_of(product: Product, choices: Sequence[Choice], *, is_first: bool) -> Card:
    """A product at the price of the cheapest variant that can still be had."""
    shown = cheapest(choices)
    return Card(
        name=product.title,
        url=reverse("product", args=[product.store.handle, product.handle]),
        price=shown.price,
        was=shown.was,
        picture=next(iter(product.pictures.all()), None),
        has_dearer=any(shown.price < choice.price for choice in choices),
        is_gone=shown.is_gone,
        is_first=is_first,
    )


def cheapest(choices: Sequence[Choice]) -> Choice:
    """The one whose price is shown for all: what is sold out comes last."""
    return min(choices, key=lambda choice: (choice.is_gone, choice.price.amount_minor))


def choices_of(variants: Sequence[Variant]) -> dict[int, Choice]:
    """Each variant by id with its present price and what is left, in two queries."""
    prices = price_of(variants)
    left = free_stock([variant.pk for variant in variants if not variant.is_digital])
    return {variant.pk: _choice(variant, price=prices[variant.pk], left=left.get(variant.pk)) for variant in variants}


def _choice(variant: Variant, *, price: Money, left: int | None) -> Choice:
    before = max(variant.price_minor, variant.compare_at_minor or 0)
    return Choice(
        id=variant.pk,
        title=variant.title,
        price=price,
        was=Money(before, variant.currency) if before > price.amount_minor else None,
        left=left if left is not None and left <= FEW else None,
        is_gone=left == 0,
    )
