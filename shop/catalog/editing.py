"""Products made and changed as a whole: the same draft twice changes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from shop.catalog.drafts import InvalidProduct, ProductDraft, VariantDraft
from shop.catalog.html import make_safe
from shop.catalog.models import Product, Variant
from shop.core.db import inside_transaction
from shop.stores.models import Store


@dataclass(frozen=True)
class Put:
    """What became of a draft: the product, its drafted variants in their order, and whether anything changed."""

    product: Product
    variants: tuple[Variant, ...]
    is_new: bool
    is_changed: bool


@inside_transaction
def put_product(*, store: Store, draft: ProductDraft, at: datetime) -> Put:
    """Make the store's product of this handle what the draft says, or make it.

    A variant is known by its options. Variants that the draft leaves out stay as they are: orders may know them.
    Raises InvalidProduct(field).
    """
    draft.check_options()
    product = Product.objects.select_for_update().filter(store=store, handle=draft.handle).first()
    is_new = product is None
    product = product or Product(store=store, handle=draft.handle, option_names=list(draft.option_names))
    if product.option_names != list(draft.option_names):
        was = ", ".join(product.option_names) or "none"
        raise InvalidProduct(f"Its options were {was}; other options make another product.", field="option_names")
    is_changed = _fill(product, _product_fields(product, draft, at), trusted={"store"})
    if is_changed:
        product.save()
    known = {} if is_new else {tuple(variant.options): variant for variant in product.variants.all()}
    variants = tuple(
        known.get(entry.options) or Variant(product=product, options=list(entry.options)) for entry in draft.variants
    )
    changed = [
        variant
        for variant, fields in _together(store, variants, draft)
        if _fill(variant, fields, trusted={"product", "options"})
    ]
    for variant in changed:
        if variant.pk:
            variant.save()
    Variant.objects.bulk_create(variant for variant in changed if not variant.pk)
    return Put(product=product, variants=variants, is_new=is_new, is_changed=is_changed or bool(changed))


def _product_fields(product: Product, draft: ProductDraft, at: datetime) -> dict[str, Any]:
    return {
        "title": draft.title,
        "description": make_safe(draft.description),
        "vendor": draft.vendor,
        "category": draft.category,
        "tags": list(draft.tags),
        "published_at": (product.published_at or at) if draft.is_published else None,
    }


def _together(
    store: Store, variants: tuple[Variant, ...], draft: ProductDraft
) -> Iterator[tuple[Variant, dict[str, Any]]]:
    """Each variant beside what it should say."""
    for position, (variant, entry) in enumerate(zip(variants, draft.variants, strict=True)):
        yield variant, _variant_fields(entry, currency=store.currency, position=position)


def _variant_fields(entry: VariantDraft, *, currency: str, position: int) -> dict[str, Any]:
    return {
        "price_minor": entry.price_minor,
        "compare_at_minor": entry.compare_at_minor,
        "currency": currency,
        "sku": entry.sku,
        "barcode": entry.barcode,
        "weight_g": entry.weight_g,
        "is_digital": entry.is_digital,
        "shelf": entry.shelf,
        "position": position,
    }


def _fill(row: Model, fields: Mapping[str, Any], *, trusted: set[str]) -> bool:
    """Set the fields; whether the row is to be saved. Raises InvalidProduct naming the first wrong field."""
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    if row.pk and not changed:
        return False
    for name in changed:
        setattr(row, name, fields[name])
    try:
        row.clean_fields(exclude=trusted)
    except ValidationError as refused:
        field, said = next(iter(refused.message_dict.items()))
        raise InvalidProduct(f"{field}: {' '.join(said)}", field=field) from refused
    return True
