"""A CSV file's bytes as rows with their line numbers, or one sentence that says why not."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shop.core.errors import Invalid

MOST_BYTES: Final = 20_000_000
LONGEST_FIELD: Final = 1_000_000
REQUIRED: Final = ("Handle", "Title", "Variant Price")
UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class UnreadableFile(Invalid):
    """The file as a whole cannot be imported; the sentence says why and what to do."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the file: the line it starts on, and its fields by column, stripped. `broken` says what is wrong
    with a record that does not fit the header."""

    line: int
    fields: dict[str, str]
    broken: str = ""

    def __getitem__(self, column: str) -> str:
        """A field; empty where the file has no such column."""
        return self.fields.get(column.casefold(), "")


def read_rows(content: bytes) -> list[Row]:
    """Every record of a Shopify product export: UTF-8 with or without a mark, or UTF-16 with one.

    Raises UnreadableFile for anything else, all before the first row is used.
    """
    text = _decoded(content)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableFile(f"Line {line} has a NUL character: this is not a text file, or it was damaged.")
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    start = 1
    try:
        header = _header(next(reader, []))
        start = reader.line_num + 1
        rows = []
        for record in reader:
            if record:
                rows.append(_row(start, header, record))
            start = reader.line_num + 1
    except csv.Error as broken:
        raise UnreadableFile(f"The record that starts on line {start} cannot be read: {_why(broken)}.") from broken
    if not rows:
        raise UnreadableFile("The file has a header and no products.")
    return rows


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The file has more than {MOST_BYTES // 1_000_000} MB. Export fewer products at a time.")
    if not content.strip():
        raise UnreadableFile("The file is empty.")
    encoding = "utf-16" if content.startswith(UTF_16_MARKS) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as foreign:
        line = content.count(b"\n", 0, foreign.start) + 1
        raise UnreadableFile(
            f"The file is not UTF-8 text (line {line}). If it is a table, save it as “CSV UTF-8” and import it again."
        ) from foreign


def _delimiter(text: str) -> str:
    """What stands between the columns: spreadsheets in some countries write semicolons."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _header(record: list[str]) -> list[str]:
    header = [column.strip().casefold() for column in record]
    missing = [column for column in REQUIRED if column.casefold() not in header]
    if missing:
        raise UnreadableFile(
            f"This is not a Shopify product export: the first line has no column {', '.join(missing)}."
        )
    return header


def _row(line: int, header: list[str], record: list[str]) -> Row:
    fields = {column: field.strip() for column, field in zip(header, record, strict=False)}
    is_whole = len(record) == len(header)
    return Row(line, fields, "" if is_whole else f"it has {len(record)} fields, the header has {len(header)}")


def _why(broken: csv.Error) -> str:
    said = str(broken)
    if "unexpected end of data" in said or "field larger" in said:
        return "a quotation mark is opened and never closed"
    return said


def rows_by_handle(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each product, in the order in which the file first names it."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["Handle"], []).append(row)
    yield from groups.items()
