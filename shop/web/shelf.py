"""Products as a page shows them: their present prices, and what is sold out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse

from shop.catalog.models import Picture, Product, Variant
from shop.catalog.queries import shelf
from shop.core.money import Money
from shop.pricing.queries import lowest_offer, price_of
from shop.stock.queries import free_stock, left_in_stock
from shop.stores.models import Store

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


@dataclass(frozen=True)
class Goods:
    """A product with its choices."""

    product: Product
    choices: Sequence[Choice]

    @property
    def card(self) -> Card:
        """As a grid shows it; a query, unless its pictures were fetched before."""
        return card_of(self.product, self.choices, is_first=False)

    @property
    def only_choice(self) -> int | None:
        """Its variant, where there is nothing to choose."""
        return self.choices[0].id if len(self.choices) == 1 else None


def goods_of(store: Store, *, most: int) -> list[Goods]:
    """The newest of what a store shows, with present prices and what is left, in one query."""
    newest = shelf(store).values("pk")[:most]
    variants = (
        Variant.objects.filter(product__in=newest)
        .select_related("product__store")
        .annotate(offered_minor=lowest_offer(), left=left_in_stock())
        .order_by("-product__published_at", "-product_id", "position", "pk")
    )
    by_product = groupby(variants, key=lambda variant: variant.product_id)
    return [_goods(list(of_product)) for _, of_product in by_product]


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


def _goods(variants: Sequence[Any]) -> Goods:
    """Of one product's variants, annotated by goods_of."""
    choices = [
        _choice(
            variant,
            price=Money(
                variant.price_minor if variant.offered_minor is None else variant.offered_minor, variant.currency
            ),
            left=None if variant.is_digital else variant.left,
        )
        for variant in variants
    ]
    return Goods(variants[0].product, choices)


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
