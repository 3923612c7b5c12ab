"""A shop worth looking at: the demo's people, stores, goods, pictures and shows. Twice makes nothing twice."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.db import connection, transaction

from config.local import people
from config.local.catalogue import STORES
from config.local.digital import FILES
from config.local.pictures import draw_cover, draw_product
from config.local.seed_shows import plan_shows
from config.local.sheets import PictureSheet, ProductSheet, StoreSheet
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

Drawn = Mapping[object, bytes]


def seed(*, at: datetime) -> None:
    """Make whatever of the demo is missing; what is there stays as people left it."""
    shelves = [(sheet, _missing(sheet)) for sheet in STORES]
    drawn = _drawn(dict(job for sheet, missing in shelves for job in _jobs(sheet, missing)))
    for sheet, missing in shelves:
        store = _store(sheet, drawn)
        _write_rates(store, sheet)
        # The first of the catalogue is shown first: the newest.
        for product in reversed(missing):
            _put_product(store, product, drawn, at=at)
    _seat_people()
    _render_all(list(pictures_to_render().values_list("pk", flat=True)))
    plan_shows(Store.objects.get(handle="saltware"), at=at)


def _missing(sheet: StoreSheet) -> list[ProductSheet]:
    """The products that the store does not have yet."""
    known = set(Product.objects.filter(store__handle=sheet.handle).values_list("handle", flat=True))
    return [product for product in sheet.products if product.handle not in known]


def _jobs(sheet: StoreSheet, missing: Iterable[ProductSheet]) -> Iterator[tuple[object, Callable[[], bytes]]]:
    """What is to be drawn and written for a store: each picture, cover and file with how to make it."""
    if not Store.objects.filter(handle=sheet.handle).exists():
        yield sheet.cover_colour, partial(draw_cover, sheet.cover_colour)
    for product in missing:
        for picture in product.pictures:
            yield picture, partial(draw_product, picture.what, picture.colour)
        for name in product.files:
            yield name, FILES[name]


def _drawn(jobs: Mapping[object, Callable[[], bytes]]) -> Drawn:
    """The bytes of each, made on all cores: this is what takes the time."""
    with ThreadPoolExecutor(CORES) as pool:
        return dict(zip(jobs, pool.map(lambda make: make(), jobs.values()), strict=True))


def _seat_people() -> None:
    """The demo's accounts, each in its teams."""
    for person in people.PEOPLE:
        user = people.account(person)
        for handle, role in person.roles.items():
            add_member(store=Store.objects.get(handle=handle), user=user, role=role)


def _store(sheet: StoreSheet, drawn: Drawn) -> Store:
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
    store.cover.save(f"{sheet.handle}.jpg", ContentFile(drawn[sheet.cover_colour]))
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


@transaction.atomic(durable=True)
def _put_product(store: Store, sheet: ProductSheet, drawn: Drawn, *, at: datetime) -> None:
    put = put_product(store=store, draft=_draft(sheet), at=at)
    for variant, row in zip(put.variants, sheet.variants, strict=True):
        if row.on_hand:
            receive(variant=variant, quantity=row.on_hand, reference=f"seed:{store.handle}:{row.sku}")
    for position, picture in enumerate(sheet.pictures):
        _hang(put, picture, drawn[picture], position)
    for position, name in enumerate(sheet.files):
        add_file(product=put.product, content=ContentFile(drawn[name]), name=name, position=position)


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


def _hang(put: Put, picture: PictureSheet, content: bytes, position: int) -> None:
    """A picture of one option value belongs to the variants that have it."""
    variants = [variant for variant in put.variants if picture.option in variant.options]
    add_picture(product=put.product, content=content, alt=picture.alt, position=position, variants=variants)


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
