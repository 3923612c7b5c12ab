"""A product as it is handed in, by an import or a person, and what is wrong with it."""

from dataclasses import dataclass
from typing import Final

from shop.core.errors import Invalid

MOST_OPTIONS: Final = 3
LONGEST_OPTION: Final = 120


class InvalidProduct(Invalid):
    """Details: `field` the first wrong field."""

    code = "invalid_product"


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One variant. Prices are minor units of the store's currency, weights grams; files weigh nothing."""

    price_minor: int
    options: tuple[str, ...] = ()
    compare_at_minor: int | None = None
    sku: str = ""
    barcode: str = ""
    weight_g: int = 0
    is_digital: bool = False
    shelf: str = ""


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product and its variants in their order; `description` may be anybody's HTML."""

    handle: str
    title: str
    variants: tuple[VariantDraft, ...]
    description: str = ""
    vendor: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    option_names: tuple[str, ...] = ()
    is_published: bool = True

    def check_options(self) -> None:
        """Every variant answers every option, and no two answer alike. Raises InvalidProduct."""
        if not self.variants:
            raise InvalidProduct("A product needs at least one variant.", field="variants")
        if len(self.option_names) > MOST_OPTIONS or len(set(self.option_names)) != len(self.option_names):
            raise InvalidProduct("A product has three different options at most.", field="option_names")
        seen = set()
        for variant in self.variants:
            if len(variant.options) != len(self.option_names) or not all(variant.options):
                wanted = ", ".join(self.option_names) or "no option at all"
                raise InvalidProduct(f"Each variant needs a value for {wanted}.", field="options")
            if any(len(value) > LONGEST_OPTION for value in variant.options):
                raise InvalidProduct(f"An option value has {LONGEST_OPTION} characters at most.", field="options")
            if variant.options in seen:
                raise InvalidProduct(f"Two variants are both “{' / '.join(variant.options)}”.", field="options")
            seen.add(variant.options)
