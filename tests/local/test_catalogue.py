"""The demo's goods: rows that a shop accepts, pictures and files that are the same everywhere."""

import io
import wave
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from config.local.catalogue import STORES
from config.local.digital import make_digital
from config.local.pictures import COLOURS, SCENES, draw_cover, draw_poster, draw_product
from config.local.sheets import ProductSheet, ean13

PRODUCTS = [product for store in STORES for product in store.products]
VARIANTS = [variant for product in PRODUCTS for variant in product.variants]


def test_the_check_digit_is_the_one_that_gs1_gives_as_its_example() -> None:
    assert ean13(104150021, prefix="629") == "6291041500213"


def test_no_two_variants_share_a_barcode_or_a_sku() -> None:
    barcodes = [variant.barcode for variant in VARIANTS if variant.barcode]

    assert len(set(barcodes)) == len(barcodes)
    assert len({variant.sku for variant in VARIANTS}) == len(VARIANTS)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.handle)
def test_a_product_says_the_same_in_all_its_rows(product: ProductSheet) -> None:
    option_values = {value for variant in product.variants for value in variant.options}

    assert all(len(variant.options) == len(product.option_names) for variant in product.variants)
    assert all((variant.weight_g == 0) == product.is_digital for variant in product.variants)
    assert all(picture.option in option_values | {""} for picture in product.pictures)
    assert all(picture.what in SCENES and picture.colour in COLOURS for picture in product.pictures)


def test_a_picture_is_the_same_each_time_and_another_in_another_colour() -> None:
    rust = draw_product("mug", "rust")

    assert draw_product("mug", "rust") == rust
    assert draw_product("mug", "ink") != rust
    assert Image.open(io.BytesIO(rust)).size == (1200, 1200)


def test_cover_and_poster_have_the_shape_of_their_place() -> None:
    assert Image.open(io.BytesIO(draw_cover())).size == (1800, 600)
    assert Image.open(io.BytesIO(draw_poster())).size == (1280, 720)


def test_the_book_is_a_pdf_of_four_pages_and_the_same_each_time(tmp_path: Path) -> None:
    make_digital("first-bowls.pdf", tmp_path / "one.pdf")
    make_digital("first-bowls.pdf", tmp_path / "two.pdf")

    book = (tmp_path / "one.pdf").read_bytes()
    assert book.startswith(b"%PDF-")
    assert b"/Count 4" in book
    assert (tmp_path / "two.pdf").read_bytes() == book


def test_the_recordings_can_be_played(tmp_path: Path) -> None:
    make_digital("slack-tide-recordings.zip", tmp_path / "tide.zip")

    with zipfile.ZipFile(tmp_path / "tide.zip") as archive:
        assert archive.testzip() is None
        sounds = [name for name in archive.namelist() if name.endswith(".wav")]
        with archive.open(sounds[0]) as file, wave.open(io.BytesIO(file.read())) as sound:
            assert sound.getnframes() == sound.getframerate() * 6
    assert len(sounds) == 3
