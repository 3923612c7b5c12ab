"""Templates: files with `$name` in them, every value escaped unless it is HTML already."""

import html
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def render(template: str, **values: object) -> Html:
    """The template with its values in place. A name without value is an error."""
    escaped = {name: value if isinstance(value, Html) else html.escape(str(value)) for name, value in values.items()}
    return Html(_load(template).substitute(escaped))


def joined(parts: list[Html]) -> Html:
    """Fragments one after the other."""
    return Html("".join(parts))


@cache
def stylesheet() -> str:
    """The one stylesheet."""
    return (FOLDER / "hosted.css").read_text()


@cache
def _load(template: str) -> Template:
    return Template((FOLDER / template).read_text())
