"""A shop worth looking at: the demo's people, stores, goods, pictures and shows. Twice makes nothing twice."""

import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import connection, transaction

from config.local import people
from config.local.catalogue import STORES
from config.local.digital import make_digital
from config.local.pictures import draw_cover, draw_products
from config.local.seed_shows import plan_shows
from config.local.sheets import ProductSheet, StoreSheet
from shop.catalog.drafts import ProductDraft, VariantDraft
from shop.catalog.editing import Put, put_product
from shop.catalog.models import Product
from shop.catalog.queries import pictures_to_render
from shop.catalog.services import add_file, add_picture, render_picture
from shop.pricing.models import ShippingRate, TaxRate
from shop.stock.levels import receive
from shop.stores.models import Store
from shop.stores.services import add_member, open_store, write_legal_pages

CORES = 2


def seed(*, at: datetime) -> None:
    """Make whatever of the demo is missing; what is there stays as people left it."""
    stores = {sheet.handle: _store(sheet) for sheet in STORES}
    for person in people.PEOPLE:
        for handle, role in person.roles.items():
            add_member(store=stores[handle], user=people.account(person), role=role)
        people.account(person)
    for sheet in STORES:
        _write_rates(stores[sheet.handle], sheet)
        _put_on_shelf(stores[sheet.handle], sheet.products, at=at)
    _render_all(list(pictures_to_render().values_list("pk", flat=True)))
    plan_shows(stores["saltware"], at=at)


def _store(sheet: StoreSheet) -> Store:
    known = Store.objects.filter(handle=sheet.handle).first()
    if known:
        return known
    store = open_store(
        owner=people.account(people.owner_of(sheet.handle)),
        handle=sheet.handle,
        name=sheet.name,
        currency=sheet.currency,
        country=sheet.country,
        seller=sheet.seller,
        contact_email=sheet.contact_email,
        tagline=sheet.tagline,
        about=sheet.about,
        accent=sheet.accent,
        vat_id=sheet.vat_id,
    )
    store.cover.save(f"{sheet.handle}.jpg", ContentFile(draw_cover(sheet.cover_colour)))
    return write_legal_pages(store=store, **sheet.legal)


def _write_rates(store: Store, sheet: StoreSheet) -> None:
    """What sending costs and the tax in the prices; a rate that exists is left alone."""
    ShippingRate.objects.bulk_create(
        [
            ShippingRate(
                store=store,
                country=rate.country,
                name=rate.name,
                up_to_g=rate.up_to_g,
                price_minor=rate.price_minor,
                days=rate.days,
            )
            for rate in sheet.rates
        ],
        ignore_conflicts=True,
    )
    TaxRate.objects.bulk_create(
        [TaxRate(store=store, country=country, rate_bp=rate_bp) for country, rate_bp in sheet.taxes.items()],
        ignore_conflicts=True,
    )


def _put_on_shelf(store: Store, sheets: Iterable[ProductSheet], *, at: datetime) -> None:
    """The products that the store does not have yet, in the order of the catalogue: the first is shown first."""
    known = set(Product.objects.filter(store=store).values_list("handle", flat=True))
    missing = [sheet for sheet in sheets if sheet.handle not in known]
    drawn = iter(draw_products([(picture.what, picture.colour) for sheet in missing for picture in sheet.pictures]))
    pictures = {sheet.handle: [next(drawn) for _ in sheet.pictures] for sheet in missing}
    for sheet in reversed(missing):
        _put_product(store, sheet, pictures[sheet.handle], at=at)


@transaction.atomic(durable=True)
def _put_product(store: Store, sheet: ProductSheet, pictures: list[bytes], *, at: datetime) -> None:
    put = put_product(store=store, draft=_draft(sheet), at=at)
    for variant, row in zip(put.variants, sheet.variants, strict=True):
        if row.on_hand:
            receive(variant=variant, quantity=row.on_hand, reference=f"seed:{store.handle}:{row.sku}")
    _add_pictures(put, sheet, pictures)
    with tempfile.TemporaryDirectory() as folder:
        for position, name in enumerate(sheet.files):
            path = Path(folder, name)
            make_digital(name, path)
            with path.open("rb") as content:
                add_file(product=put.product, content=File(content), name=name, position=position)


def _draft(sheet: ProductSheet) -> ProductDraft:
    return ProductDraft(
        handle=sheet.handle,
        title=sheet.title,
        description=sheet.description,
        category=sheet.category,
        tags=sheet.tags,
        option_names=sheet.option_names,
        variants=tuple(
            VariantDraft(
                options=row.options,
                price_minor=row.price_minor,
                sku=row.sku,
                barcode=row.barcode,
                weight_g=row.weight_g,
                is_digital=sheet.is_digital,
                shelf=row.shelf,
            )
            for row in sheet.variants
        ),
    )


def _add_pictures(put: Put, sheet: ProductSheet, pictures: list[bytes]) -> None:
    """A picture of one option value belongs to the variants that have it."""
    for position, (shown, content) in enumerate(zip(sheet.pictures, pictures, strict=True)):
        variants = [variant for variant in put.variants if shown.option in variant.options]
        add_picture(product=put.product, content=content, alt=shown.alt, position=position, variants=variants)


def _render_all(picture_ids: list[int]) -> None:
    """Every rendition before the first page is seen, a share of the pictures on each core."""
    with ThreadPoolExecutor(CORES) as pool:
        for _ in pool.map(_render, _shares(picture_ids)):
            pass


def _render(picture_ids: list[int]) -> None:
    try:
        for picture_id in picture_ids:
            render_picture(picture_id=picture_id)
    finally:
        connection.close()


def _shares(picture_ids: list[int]) -> Iterator[list[int]]:
    for core in range(CORES):
        yield picture_ids[core::CORES]
