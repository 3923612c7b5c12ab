"""Where migrations find the SQL that the database runs by itself."""

from pathlib import Path

HERE = Path(__file__).resolve().parent


def read_sql(name: str) -> str:
    """The text of an SQL file beside this one. A file that was released is never edited: a change is a new file."""
    return (HERE / name).read_text()
