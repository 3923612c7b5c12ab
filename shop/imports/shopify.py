"""What Shopify's columns mean here: the rows of one product become a draft, its stock and its pictures.

The columns are described at https://help.shopify.com/en/manual/products/import-export/using-csv
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from shop.catalog.drafts import ProductDraft, VariantDraft
from shop.core.money import from_major
from shop.imports.reading import Row

AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
WHOLE: Final = re.compile(r"(-?[0-9]{1,9})(\.0*)?")
HEAVIEST_G: Final = 1_000_000
DEFAULT: Final = (("Title",), ("Default Title",))
NO: Final = frozenset({"false", "no", "0"})
HIDDEN: Final = frozenset({"draft", "archived"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that did not go in: the line it is on, and why."""

    line: int
    why: str


class BadRow(ValueError):
    """A row that is left out; the message says why."""


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture to fetch, and the places of the drafted variants that it shows (none: the whole product)."""

    line: int
    url: str
    alt: str
    position: int
    variants: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProductRows:
    """One product of the file. `stock` and `lines` stand beside the draft's variants; stock None is not counted."""

    line: int
    draft: ProductDraft
    lines: tuple[int, ...]
    stock: tuple[int | None, ...]
    pictures: tuple[PictureRow, ...]


@dataclass
class _Sheet:
    """The variants of one product as they are read, row after row."""

    option_names: tuple[str, ...]
    currency: str
    variants: dict[tuple[str, ...], tuple[Row, VariantDraft, int | None]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Take a row's variant. Raises BadRow."""
        variant = _variant(row, self.option_names, currency=self.currency)
        if variant.options in self.variants:
            first = self.variants[variant.options][0].line
            raise BadRow(f"the same variant stands on line {first} already")
        self.variants[variant.options] = (row, variant, _stock(row) if not variant.is_digital else None)


def read_product(handle: str, rows: list[Row], *, currency: str, problems: list[Problem]) -> ProductRows | None:
    """The product of these rows; rows that make no sense are added to `problems` and left out.

    None where nothing is left that could be sold; `problems` says why.
    """
    whole = [row for row in rows if not row.broken]
    problems += [Problem(row.line, row.broken) for row in rows if row.broken]
    head = next((row for row in whole if row["Title"]), None)
    if not handle:
        problems += [Problem(row.line, "it has no handle") for row in whole]
        return None
    if head is None:
        problems += [Problem(row.line, f"“{handle}” has no title, so it was left out") for row in whole[:1]]
        return None
    sheet = _Sheet(_option_names(head), currency)
    for row in filter(_has_variant, whole):
        try:
            sheet.add(row)
        except BadRow as bad:
            problems.append(Problem(row.line, str(bad)))
    if not sheet.variants:
        problems.append(Problem(head.line, f"“{handle}” has no variant that could be sold, so it was left out"))
        return None
    return _whole_product(handle, head, whole, sheet)


def _whole_product(handle: str, head: Row, rows: list[Row], sheet: _Sheet) -> ProductRows:
    kept = list(sheet.variants.values())
    category = head["Type"] or head["Product Category"].rpartition(">")[2].strip()
    draft = ProductDraft(
        handle=handle,
        title=head["Title"],
        description=head["Body (HTML)"],
        vendor=head["Vendor"],
        category=category,
        tags=tuple(dict.fromkeys(tag.strip() for tag in head["Tags"].split(",") if tag.strip())),
        option_names=sheet.option_names,
        is_published=head["Published"].lower() not in NO and head["Status"].lower() not in HIDDEN,
        variants=tuple(variant for _, variant, _ in kept),
    )
    return ProductRows(
        line=head.line,
        draft=draft,
        lines=tuple(row.line for row, _, _ in kept),
        stock=tuple(stock for _, _, stock in kept),
        pictures=tuple(_pictures(rows, [row for row, _, _ in kept])),
    )


def _option_names(head: Row) -> tuple[str, ...]:
    """The names of the options; none for a product with Shopify's one default variant."""
    names = tuple(name for number in (1, 2, 3) if (name := head[f"Option{number} Name"]))
    return () if (names, (head["Option1 Value"],)) == DEFAULT else names


def _has_variant(row: Row) -> bool:
    """Rows with nothing but a picture tell of no variant."""
    return bool(row["Variant Price"] or row["Option1 Value"] or row["Variant SKU"])


def _variant(row: Row, option_names: tuple[str, ...], *, currency: str) -> VariantDraft:
    options = tuple(row[f"Option{number} Value"] for number in range(1, len(option_names) + 1))
    for name, value in zip(option_names, options, strict=True):
        if not value:
            raise BadRow(f"it has no {name}")
    is_digital = row["Variant Requires Shipping"].lower() in NO
    return VariantDraft(
        options=options,
        price_minor=_minor(row, "Variant Price", currency),
        compare_at_minor=_minor(row, "Variant Compare At Price", currency) if row["Variant Compare At Price"] else None,
        sku=row["Variant SKU"].removeprefix("'"),
        barcode=row["Variant Barcode"].removeprefix("'"),
        weight_g=0 if is_digital else _grams(row),
        is_digital=is_digital,
    )


def _minor(row: Row, column: str, currency: str) -> int:
    """An amount of the store's currency, exactly. Raises BadRow."""
    written = row[column]
    if not AMOUNT.fullmatch(written):
        raise BadRow(f"{column} is “{written}”, not an amount such as 12.50")
    try:
        return from_major(Decimal(written), currency).amount_minor
    except ValueError as too_fine:
        raise BadRow(f"{column} is {written}, finer than {currency} can be paid") from too_fine


def _grams(row: Row) -> int:
    written = row["Variant Grams"]
    found = WHOLE.fullmatch(written or "0")
    if found is None or not 0 <= int(found[1]) <= HEAVIEST_G:
        raise BadRow(f"Variant Grams is “{written}”, not a weight of 0 to {HEAVIEST_G:,} grams")
    return int(found[1])


def _stock(row: Row) -> int | None:
    """How many there are; oversold ones (below zero) are none, nothing written is not counted."""
    written = row["Variant Inventory Qty"]
    if not written:
        return None
    found = WHOLE.fullmatch(written)
    if found is None:
        raise BadRow(f"Variant Inventory Qty is “{written}”, not a whole number")
    return max(0, int(found[1]))


def _pictures(rows: list[Row], variants: list[Row]) -> Iterator[PictureRow]:
    """Each picture once, in the file's order; those that only a variant names come last."""
    seen = set()
    for column in ("Image Src", "Variant Image"):
        for row in rows:
            url = row[column]
            if url and url not in seen:
                seen.add(url)
                shows = tuple(place for place, variant in enumerate(variants) if variant["Variant Image"] == url)
                alt = row["Image Alt Text"] if column == "Image Src" else ""
                yield PictureRow(row.line, url, alt, len(seen) - 1, shows)
