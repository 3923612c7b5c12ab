"""Small Shopify exports, written row by row."""

import csv
import io
from pathlib import Path

import pytest

COLUMNS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published", "Option1 Name", "Option1 Value",
    "Option2 Name", "Option2 Value", "Variant SKU", "Variant Grams", "Variant Inventory Qty", "Variant Price",
    "Variant Compare At Price", "Variant Requires Shipping", "Variant Barcode", "Image Src", "Image Position",
    "Image Alt Text", "Variant Image", "Status",
)  # fmt: skip
MUG = {
    "Handle": "mug",
    "Title": "Mug",
    "Published": "true",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant Price": "12.50",
    "Variant Grams": "430",
    "Variant Inventory Qty": "7",
    "Variant Requires Shipping": "true",
}
APPAREL = Path(__file__).resolve().parents[4] / "shared" / "data" / "shopify" / "apparel.csv"


def export(*rows: dict[str, str]) -> bytes:
    """A file with a header and these rows, UTF-8."""
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS, restval="")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().encode()


def apparel() -> bytes:
    """The real export beside the project; the test is skipped, and says so, where it is absent."""
    if not APPAREL.exists():
        pytest.skip("SKIPPED: the real Shopify export ../shared/data/shopify/apparel.csv is not here")
    return APPAREL.read_bytes()
