"""Shopify's product export brought into a store, one transaction for each product."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from shop.catalog.editing import Put, put_product
from shop.catalog.models import Picture, Variant
from shop.catalog.services import add_picture
from shop.core.db import outside_transaction
from shop.core.errors import Refusal
from shop.imports.fetching import fetch
from shop.imports.reading import read_rows, rows_by_handle
from shop.imports.shopify import PictureRow, Problem, ProductRows, read_product
from shop.imports.stock import count_in
from shop.stores.models import Store

AT_ONCE: Final = 8

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """A picture that an imported product does not have yet."""

    row: PictureRow
    put: Put


@dataclass
class Report:
    """What an import did, and what it could not do."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    variants: int = 0
    pictures: int = 0
    problems: list[Problem] = field(default_factory=list)

    def note(self, put: Put, *, is_changed: bool) -> None:
        """Count a product that went in."""
        self.new += put.is_new
        self.changed += is_changed and not put.is_new
        self.unchanged += not is_changed
        self.variants += len(put.variants)


@outside_transaction
def import_products(*, store: Store, content: bytes, at: datetime, fetch: Fetch = fetch) -> Report:
    """Bring in a Shopify product export: what is new is made, what differs is changed, twice changes nothing.

    A product is known by its handle, a variant by its options, a picture by its address. A row that makes no sense
    and a picture that cannot be fetched are reported with their line, and the rest goes in.
    Raises UnreadableFile, before anything is written.
    """
    report, wanted = Report(), []
    for handle, rows in rows_by_handle(read_rows(content)):
        product = read_product(handle, rows, currency=store.currency, problems=report.problems)
        if product is None:
            continue
        try:
            wanted += import_product(store=store, product=product, at=at, report=report)
        except Refusal as refused:
            report.problems.append(Problem(product.line, f"“{handle}” was left out. {refused.said}"))
    for picture, answer in _fetched(wanted, fetch):
        if isinstance(answer, Refusal):
            report.problems.append(Problem(picture.row.line, answer.said))
        else:
            hang_picture(wanted=picture, content=answer, report=report)
    report.problems.sort(key=lambda problem: problem.line)
    return report


@transaction.atomic(durable=True)
def import_product(*, store: Store, product: ProductRows, at: datetime, report: Report) -> list[WantedPicture]:
    """One product of the file with its stock; the pictures that are still to be fetched.

    Raises InvalidProduct, and nothing of it stays.
    """
    put = put_product(store=store, draft=product.draft, at=at)
    short = count_in(put.variants, product.stock)
    known = {picture.source_url: picture for picture in put.product.pictures.all()} if not put.is_new else {}
    is_moved = [_place(known[row.url], row) for row in product.pictures if row.url in known]
    report.note(put, is_changed=put.is_changed or short.moved or any(is_moved))
    report.problems += [Problem(product.lines[place], why) for place, why in short.problems]
    return [WantedPicture(row, put) for row in product.pictures if row.url not in known]


@transaction.atomic(durable=True)
def hang_picture(*, wanted: WantedPicture, content: bytes, report: Report) -> None:
    """Give a product a picture that was fetched; one that is no picture is reported."""
    row = wanted.row
    shown: list[Variant] = [wanted.put.variants[place] for place in row.variants]
    try:
        add_picture(
            product=wanted.put.product,
            content=content,
            alt=row.alt,
            position=row.position,
            source_url=row.url,
            variants=shown,
        )
        report.pictures += 1
    except Refusal as refused:
        report.problems.append(Problem(row.line, f"{row.url}: {refused.said}"))


def _place(picture: Picture, row: PictureRow) -> bool:
    """Give a known picture the file's words and place; whether that changed anything."""
    if (picture.alt, picture.position) == (row.alt[:200], row.position):
        return False
    picture.alt, picture.position = row.alt[:200], row.position
    picture.save(update_fields=["alt", "position"])
    return True


def _fetched(wanted: Sequence[WantedPicture], fetch: Fetch) -> Iterator[tuple[WantedPicture, bytes | Refusal]]:
    """Each picture's bytes, or why there are none; several at once, and never more than those in memory."""

    def ask(picture: WantedPicture) -> bytes | Refusal:
        try:
            return fetch(picture.row.url)
        except Refusal as refused:
            return refused

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            yield from zip(some, pool.map(ask, some), strict=True)
