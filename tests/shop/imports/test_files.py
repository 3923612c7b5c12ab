"""What is not a product export gets one clear sentence, and nothing is written."""

import os
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.models import Product
from shop.imports.reading import UnreadableFile, read_rows, rows_by_handle
from shop.imports.shopify import Problem, read_product
from tests import make
from tests.shop.imports.sheets import MUG, export

WHOLE = export(MUG | {"Title": "Müg"})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(WHOLE, id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + WHOLE, id="utf-8 with a mark"),
        pytest.param(WHOLE.decode().encode("utf-16"), id="utf-16"),
        pytest.param(WHOLE.replace(b"\r\n", b"\n"), id="unix lines"),
        pytest.param(WHOLE.replace(b",", b";"), id="semicolons"),
        pytest.param(WHOLE + b"\r\n\r\n", id="empty lines at the end"),
    ],
)
def test_an_export_is_read_however_it_was_saved(content: bytes) -> None:
    (row,) = read_rows(content)

    assert (row.line, row["Title"], row["Variant Price"], row["No such column"]) == (2, "Müg", "12.50", "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \n \n", "The file is empty."),
        (WHOLE.splitlines()[0], "The file has a header and no products."),
        (WHOLE.decode().encode("latin-1"), "The file is not UTF-8 text (line 2)."),
        (export(MUG).decode().encode("utf-16-le"), "Line 1 has a NUL character"),
        (export(MUG).replace(b"Mug", b"M\0g"), "Line 2 has a NUL character"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "The file is not UTF-8 text (line 1)."),
        (b"<!doctype html><p>Not found", "This is not a Shopify product export"),
        (b"Handle,Title\nmug,Mug\n", "the first line has no column Variant Price."),
        (WHOLE + b'cup,"Cup' + b",x\n" * 50, "The record that starts on line 3 cannot be read"),
        (WHOLE + b'cup,"Cup"x,1\n', "The record that starts on line 3 cannot be read"),
        (WHOLE + b'cup,"' + b"x" * 1_100_000, "a quotation mark is opened and never closed"),
        (b"x" * 20_000_001, "The file has more than 20 MB."),
    ],
)
def test_anything_else_is_refused_with_the_reason(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=re.escape(sentence)):
        read_rows(content)


@pytest.mark.django_db
def test_the_command_tells_what_went_in_and_what_did_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make.store("saltware")
    file = tmp_path / "products.csv"
    file.write_bytes(export(MUG, MUG | {"Handle": "cup", "Variant Price": "free"}))

    call_command("import_products", str(file), "--store", "saltware")

    told = capsys.readouterr()
    assert told.out == (
        "1 products (1 new, 0 changed, 0 as before) with 1 variants; 0 pictures fetched. 2 problems, above.\n"
    )
    assert "line 3: Variant Price is “free”, not an amount such as 12.50" in told.err


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "store", "sentence"),
    [
        (WHOLE.decode().encode("latin-1"), "saltware", "not UTF-8"),
        (os.urandom(4000), "saltware", "The file|NUL"),
        (b"\0" * 50_000_000, "saltware", "more than 20 MB"),
        (WHOLE, "nowhere", "There is no store “nowhere”."),
    ],
)
def test_the_command_refuses_in_one_sentence_and_writes_nothing(
    tmp_path: Path, content: bytes, store: str, sentence: str
) -> None:
    make.store("saltware")
    file = tmp_path / "products.csv"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=sentence):
        call_command("import_products", str(file), "--store", store)

    assert not Product.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere/products.csv", "/tmp"])  # noqa: S108 - a folder that is everywhere
def test_a_file_that_is_not_there_is_told(path: str) -> None:
    make.store("saltware")

    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_products", path, "--store", "saltware")


@given(
    st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: WHOLE + text.encode("utf-8", "replace")))
)
def test_no_file_whatever_crashes_the_reading(content: bytes) -> None:
    try:
        rows = read_rows(content)
    except UnreadableFile:
        return
    problems: list[Problem] = []
    for handle, group in rows_by_handle(rows):
        read_product(handle, group, currency="EUR", problems=problems)
    assert {problem.line for problem in problems} <= {row.line for row in rows}
