"""One spelling for each place that something is sent to, whoever typed it. Pure."""

import re
import unicodedata

from shop.accounts.models import Address

LONGEST = 400
# How the same street is written by hand; matched at the end of a word, after folding.
SHORT = {"strasse": "str", "street": "st", "road": "rd", "avenue": "ave", "apartment": "apt"}
_LONG = re.compile(rf"({'|'.join(SHORT)})\b")


def doorstep(address: Address) -> str:
    """Country, postal code (the town where there is none) and both lines of the street, folded; not who lives there.

    Flats differ by the second line, neighbours in a house without flat numbers do not.
    """
    town = fold(address.postal_code) or fold(address.city)
    return f"{address.country.code} {town} {fold(f'{address.line1} {address.line2}')}"[:LONGEST]


def fold(written: str) -> str:
    """Letters and digits only, without accents and case, long words of streets in short."""
    plain = unicodedata.normalize("NFKD", written.casefold())
    words = "".join(sign for sign in plain if not unicodedata.combining(sign))
    shortened = _LONG.sub(lambda found: SHORT[found[1]], words)
    return "".join(sign for sign in shortened if sign.isalnum())
