"""A Shopify export comes in whole, twice with the same result, and a bad row spoils no other."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from PIL import Image

from shop.catalog.models import Product, Variant
from shop.catalog.queries import product_page
from shop.imports.fetching import Unreachable
from shop.imports.services import Report, import_products
from shop.stock.levels import hold_stock, receive, sell_stock
from shop.stock.models import StockMove
from shop.stores.models import Store
from tests import make
from tests.conftest import NOON
from tests.shop.imports.sheets import MUG, apparel, export

pytestmark = pytest.mark.django_db


def nothing_is_there(url: str) -> bytes:
    raise Unreachable(url=url, why="there is no such host")


def bring_in(store: Store, content: bytes, fetch: Callable[[str], bytes] = nothing_is_there) -> Report:
    return import_products(store=store, content=content, at=NOON, fetch=fetch)


def test_a_real_export_comes_in_whole() -> None:
    store = make.store()

    report = bring_in(store, apparel())

    shirt, top = product_page(store.handle, "ocean-blue-shirt"), product_page(store.handle, "classic-varsity-top")
    assert (report.new, report.variants) == (20, 22)
    assert (shirt.option_names, [variant.options for variant in shirt.variants.all()]) == ([], [[]])
    assert (top.option_names, [v.title for v in top.variants.all()]) == (["Size"], ["Small", "Medium", "Large"])
    assert {variant.price_minor for variant in top.variants.all()} == {6000}
    assert {make.on_hand(variant) for variant in Variant.objects.all()} == {1}
    assert (shirt.vendor, shirt.tags) == ("partners-demo", ["men"])
    assert len([problem for problem in report.problems if "could not be fetched" in problem.why]) == 20


def test_importing_twice_changes_nothing() -> None:
    store = make.store()
    bring_in(store, apparel())
    before = snapshot()

    again = bring_in(store, apparel())

    assert (again.new, again.changed, again.unchanged) == (0, 0, 20)
    assert snapshot() == before


def test_every_column_that_matters_lands_where_it_belongs() -> None:
    store = make.store()
    row = MUG | {
        "Body (HTML)": "<p onclick='x()'>Warm<script>1</script></p>",
        "Vendor": "Saltware",
        "Type": "Stoneware",
        "Tags": "kitchen, gift, kitchen",
        "Variant SKU": "SW-1",
        "Variant Barcode": "'2001",
        "Variant Price": "19.9",
        "Variant Compare At Price": "24.00",
    }

    bring_in(store, export(row))

    mug = product_page(store.handle, "mug")
    (variant,) = mug.variants.all()
    assert (mug.description, mug.vendor, mug.category, mug.tags) == (
        "<p>Warm</p>", "Saltware", "Stoneware", ["kitchen", "gift"],
    )  # fmt: skip
    assert (variant.price_minor, variant.compare_at_minor, variant.currency) == (1990, 2400, "EUR")
    assert (variant.sku, variant.barcode, variant.weight_g, make.on_hand(variant)) == ("SW-1", "2001", 430, 7)


def test_prices_are_exact_in_the_stores_currency() -> None:
    yen = make.store(currency="JPY")

    report = bring_in(
        yen,
        export(
            MUG | {"Variant Price": "1500.00"},
            MUG | {"Handle": "cup", "Variant Price": "1500.50"},
        ),
    )

    assert Variant.objects.get().price_minor == 1500
    assert [problem.line for problem in report.problems] == [3, 3]
    assert report.problems[0].why == "Variant Price is 1500.50, finer than JPY can be paid"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"Variant Price": ""}, "Variant Price is “”, not an amount such as 12.50"),
        ({"Variant Price": "-5"}, "Variant Price is “-5”, not an amount such as 12.50"),
        ({"Variant Price": "NaN"}, "Variant Price is “NaN”, not an amount such as 12.50"),
        ({"Variant Price": "1e9"}, "Variant Price is “1e9”, not an amount such as 12.50"),
        ({"Variant Price": "12.345"}, "Variant Price is 12.345, finer than EUR can be paid"),
        ({"Variant Grams": "heavy"}, "Variant Grams is “heavy”, not a weight of 0 to 1,000,000 grams"),
        ({"Variant Inventory Qty": "a few"}, "Variant Inventory Qty is “a few”, not a whole number"),
        ({"Option1 Value": ""}, "it has no Size"),
        ({"Option1 Value": "S"}, "the same variant stands on line 2 already"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_the_rest_goes_in(change: dict[str, str], why: str) -> None:
    store = make.store()
    sizes = [MUG | {"Option1 Name": "Size", "Option1 Value": size} for size in "SML"]
    bad = sizes[1] | {"Title": "", "Variant SKU": "X"} | change

    report = bring_in(store, export(sizes[0], bad, sizes[2], MUG | {"Handle": "cup"}))

    assert [(problem.line, problem.why) for problem in report.problems] == [(3, why)]
    assert [variant.title for variant in product_page(store.handle, "mug").variants.all()] == ["S", "L"]
    assert Product.objects.filter(handle="cup").exists()


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([MUG | {"Title": ""}], "“mug” has no title, so it was left out"),
        ([MUG | {"Handle": ""}], "it has no handle"),
        ([MUG | {"Handle": "not a handle"}], "“not a handle” was left out. handle: Enter a valid “slug”"),
        ([MUG | {"Title": "x" * 201}], "title: Ensure this value has at most 200 characters"),
    ],
)
def test_a_product_that_makes_no_sense_is_left_out(rows: list[dict[str, str]], why: str) -> None:
    store = make.store()

    report = bring_in(store, export(*rows, MUG | {"Handle": "cup"}))

    assert [problem.line for problem in report.problems] == [2]
    assert why in report.problems[0].why
    assert [product.handle for product in Product.objects.all()] == ["cup"]


def test_a_row_of_another_width_is_reported() -> None:
    store = make.store()
    content = export(MUG, MUG | {"Handle": "cup"}) + b"plate,Plate,too short\r\n"

    report = bring_in(store, content)

    assert [(problem.line, problem.why) for problem in report.problems] == [
        (4, "it has 3 fields, the header has 23"),
    ]
    assert report.new == 2


def test_a_line_number_counts_the_lines_inside_a_field() -> None:
    store = make.store()

    report = bring_in(store, export(MUG | {"Body (HTML)": "one\ntwo\nthree"}, MUG | {"Handle": "cup", "Title": ""}))

    assert [problem.line for problem in report.problems] == [5]


def test_a_changed_file_changes_what_differs_and_brings_back_no_sold_stock() -> None:
    store = make.store()
    bring_in(store, export(MUG))
    variant = Variant.objects.get()
    sell(variant, 3)

    report = bring_in(store, export(MUG | {"Title": "Big mug", "Variant Price": "15.00"}))

    variant.refresh_from_db()
    assert (report.changed, variant.price_minor, variant.product.title) == (1, 1500, "Big mug")
    assert make.on_hand(variant) == 4


def test_a_changed_number_in_the_file_moves_the_stock_by_the_difference_once() -> None:
    store = make.store()
    bring_in(store, export(MUG))
    variant = Variant.objects.get()
    sell(variant, 3)

    for _ in range(2):
        bring_in(store, export(MUG | {"Variant Inventory Qty": "10"}))
    assert make.on_hand(variant) == 7

    bring_in(store, export(MUG | {"Variant Inventory Qty": "7"}))
    assert make.on_hand(variant) == 4


def test_stock_that_is_kept_for_somebody_is_not_taken_away() -> None:
    store = make.store()
    bring_in(store, export(MUG))
    variant = Variant.objects.get()
    with transaction.atomic():
        hold_stock(wanted={variant.pk: 6})

    report = bring_in(store, export(MUG | {"Variant Inventory Qty": "2"}))

    assert [(problem.line, problem.why) for problem in report.problems] == [
        (2, "its stock stays as it is: 5 of 1 cannot be taken away")
    ]
    assert make.on_hand(variant) == 7


def test_what_was_received_by_hand_stays() -> None:
    store = make.store()
    bring_in(store, export(MUG | {"Variant Inventory Qty": "0"}))
    variant = Variant.objects.get()
    with transaction.atomic():
        receive(variant=variant, quantity=10, reference="delivery:1")

    bring_in(store, export(MUG | {"Variant Inventory Qty": "0"}))

    assert make.on_hand(variant) == 10


def test_oversold_stock_is_none_and_files_have_none() -> None:
    store = make.store()

    bring_in(
        store,
        export(
            MUG | {"Variant Inventory Qty": "-4"},
            MUG | {"Handle": "book", "Variant Requires Shipping": "false"},
        ),
    )

    assert not StockMove.objects.exists()
    book = Variant.objects.get(product__handle="book")
    assert (book.is_digital, book.weight_g) == (True, 0)


@pytest.mark.parametrize(
    "change", [{"Published": "false"}, {"Status": "draft"}, {"Status": "archived"}, {"Published": "FALSE"}]
)
def test_what_is_hidden_there_is_hidden_here(change: dict[str, str]) -> None:
    bring_in(make.store(), export(MUG | change))

    assert Product.objects.get().published_at is None


def test_pictures_are_fetched_once_and_shown_with_their_variants() -> None:
    store, asked = make.store(), []
    sizes = [
        MUG | {"Option1 Name": "Size", "Option1 Value": "S", "Image Src": "https://a.example/1.png"},
        MUG | {"Title": "", "Option1 Value": "M", "Variant Image": "https://a.example/2.png"},
        {"Handle": "mug", "Image Src": "https://a.example/2.png", "Image Alt Text": "The big one"},
    ]

    def fetch(url: str) -> bytes:
        asked.append(url)
        return png()

    report = bring_in(store, export(*sizes), fetch)
    again = bring_in(store, export(*sizes), fetch)

    first, second = product_page(store.handle, "mug").pictures.all()
    assert sorted(asked) == ["https://a.example/1.png", "https://a.example/2.png"]
    assert (report.pictures, again.pictures, again.unchanged) == (2, 0, 1)
    assert [variant.title for variant in second.variants.all()] == ["M"]
    assert (first.alt, second.alt) == ("", "The big one")


def test_a_picture_that_cannot_be_fetched_or_is_none_is_reported_and_tried_again_next_time() -> None:
    store = make.store()
    rows = export(
        MUG | {"Image Src": "https://a.example/1.png"}, {"Handle": "mug", "Image Src": "https://a.example/2.txt"}
    )

    def fetch(url: str) -> bytes:
        return b"hello" if url.endswith("txt") else nothing_is_there(url)

    report = bring_in(store, rows, fetch)
    assert [problem.line for problem in report.problems] == [2, 3]
    assert "could not be fetched: there is no such host" in report.problems[0].why
    assert "This is not a JPEG" in report.problems[1].why
    assert report.new == 1

    assert bring_in(store, rows, lambda url: png()).pictures == 2


def test_a_thousand_rows_take_few_queries_each(django_assert_max_num_queries: Any) -> None:
    store = make.store()
    rows = [
        MUG | {"Handle": f"mug-{product}", "Option1 Name": "Size", "Option1 Value": size}
        for product in range(10)
        for size in "SMLX"
    ]

    with django_assert_max_num_queries(10 * 13):
        bring_in(store, export(*rows))


def sell(variant: Variant, quantity: int) -> None:
    with transaction.atomic():
        hold_stock(wanted={variant.pk: quantity})
        sell_stock(wanted={variant.pk: quantity}, reference="order:1")


def png() -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(packed, "PNG")
    return packed.getvalue()


def snapshot() -> list[object]:
    rows = [Product.objects.order_by("pk"), Variant.objects.order_by("pk"), StockMove.objects.order_by("pk")]
    return [list(table.values()) for table in rows]
