"""Where migrations find the SQL that the database runs by itself."""

from pathlib import Path

SHOP = Path(__file__).resolve().parents[2]


def read_sql(path: str) -> str:
    """The text of an SQL file below `shop/`. A file that was released is never edited: a change is a new file."""
    return (SHOP / path).read_text()
