"""Pictures are checked before they are kept, and made in every width once."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from shop.catalog.models import Picture
from shop.catalog.pictures import NotAPicture, PictureTooBig
from shop.catalog.queries import pictures_to_render
from shop.catalog.services import add_picture, render_picture
from shop.core.facts import Fact
from tests import make

pytestmark = pytest.mark.django_db


def test_a_picture_gets_a_webp_for_each_width_up_to_its_own() -> None:
    picture = hang(drawn(1000, 500))
    assert list(pictures_to_render()) == [picture]

    render_picture(picture_id=picture.pk)

    picture.refresh_from_db()
    sizes = {width: Image.open(default_storage.open(path)).size for width, path in picture.renditions.items()}
    assert sizes == {"320": (320, 160), "640": (640, 320), "960": (960, 480)}
    assert not pictures_to_render().exists()


def test_a_small_picture_is_never_blown_up() -> None:
    picture = hang(drawn(100, 50))

    render_picture(picture_id=picture.pk)

    picture.refresh_from_db()
    assert list(picture.renditions) == ["100"]


def test_rendering_twice_does_it_once(settings: Any) -> None:
    picture = hang(drawn(700, 700))
    render_picture(picture_id=picture.pk)
    files = sorted(Path(settings.MEDIA_ROOT).rglob("*.webp"))

    render_picture(picture_id=picture.pk)

    assert sorted(Path(settings.MEDIA_ROOT).rglob("*.webp")) == files


def test_a_picture_that_is_gone_needs_no_renditions() -> None:
    render_picture(picture_id=404)


def test_a_picture_is_told_as_a_fact() -> None:
    picture = hang(drawn(10, 10))

    assert [fact.subject for fact in Fact.objects.filter(kind="picture.added")] == [str(picture.pk)]


def test_a_photograph_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    sideways = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(sideways, "JPEG", exif=exif)

    picture = hang(sideways.getvalue())

    kept = Image.open(picture.original)
    assert (picture.width, picture.height) == kept.size == (20, 40)
    assert not kept.getexif()


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK", "I;16"])
def test_every_kind_of_pixel_becomes_webp(mode: str) -> None:
    packed = io.BytesIO()
    Image.new(mode, (400, 400)).save(packed, "JPEG" if mode == "CMYK" else "PNG")
    picture = hang(packed.getvalue())

    render_picture(picture_id=picture.pk)

    picture.refresh_from_db()
    assert list(picture.renditions) == ["320"]


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"GIF89a", b"\xff\xd8\xff\xe0junk"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        hang(content)

    assert not Picture.objects.exists()


def test_half_a_picture_is_refused() -> None:
    whole = drawn(800, 800)

    with pytest.raises(NotAPicture):
        hang(whole[: len(whole) // 2])


@pytest.mark.parametrize("side", [8_000, 30_000])
def test_a_small_file_that_unpacks_to_gigabytes_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(PictureTooBig):
        hang(bomb(side, side))

    assert not Picture.objects.exists()


def drawn(width: int, height: int) -> bytes:
    packed = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(packed, "JPEG")
    return packed.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than its body could ever hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


def hang(content: bytes) -> Picture:
    with transaction.atomic():
        return add_picture(product=make.product(), content=content, alt="A mug")
