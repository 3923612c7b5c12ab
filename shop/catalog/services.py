"""Writes about goods: products with their variants, pictures and files."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from shop.catalog import pictures
from shop.catalog.models import DigitalFile, Picture, Product, Variant
from shop.core import facts
from shop.core.db import inside_transaction, outside_transaction
from shop.core.errors import Invalid

LONGEST_NAME: Final = 160


class BadFileName(Invalid):
    """A buyer's browser could not save it under this name."""

    code = "bad_file_name"
    sentence = "A file needs a name of 1 to 160 characters without / and \\."


@transaction.atomic(durable=True)
def publish(*, product: Product, at: datetime) -> Product:
    """Everybody may see and buy it, from this instant; one that is published stays as it is."""
    if product.published_at is None:
        product.published_at = at
        product.save(update_fields=["published_at"])
    return product


@inside_transaction
def add_picture(
    *,
    product: Product,
    content: bytes,
    alt: str = "",
    position: int = 0,
    source_url: str = "",
    variants: list[Variant] | None = None,
) -> Picture:
    """A picture of a product, or of some of its variants; a reaction to the fact makes its renditions.

    Raises NotAPicture, PictureTooBig.
    """
    accepted, ending = pictures.accept(content)
    picture = Picture(product=product, alt=alt[:200], position=position, source_url=source_url)
    name = f"{product.store.handle}-{product.handle}.{ending}"
    picture.original.save(name, ContentFile(accepted, name), save=False)
    picture.save()
    picture.variants.set(variants or [])
    facts.record("picture.added", subject=picture.pk)
    return picture


@outside_transaction
def render_picture(*, picture_id: int) -> None:
    """Make a picture's renditions and write down where they are. Once: a picture that has them is left alone.

    Two at the same time do the work twice; the first to finish is kept.
    """
    picture = Picture.objects.filter(pk=picture_id, renditions={}).first()
    if picture is None:
        return
    with picture.original.open() as original:
        content = original.read()
    stem = str(picture.original.name).rpartition(".")[0]
    made = {
        str(width): default_storage.save(f"{stem}-{width}.webp", ContentFile(packed))
        for width, packed in pictures.renditions(content)
    }
    if not Picture.objects.filter(pk=picture_id, renditions={}).update(renditions=made):
        for path in made.values():
            default_storage.delete(path)


@inside_transaction
def add_file(*, product: Product, content: File[bytes], name: str, position: int = 0) -> DigitalFile:
    """A file that comes with the product, kept in private storage; `name` is what the buyer's browser saves.

    Raises BadFileName(field).
    """
    if not 0 < len(name) <= LONGEST_NAME or any(sign in "/\\" or not sign.isprintable() for sign in name):
        raise BadFileName(field="name")
    added = DigitalFile(product=product, name=name, size=content.size, position=position)
    added.file.save(name, content, save=False)
    added.save()
    return added
