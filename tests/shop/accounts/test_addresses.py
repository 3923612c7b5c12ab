"""An address is one that the post of its country can use, or the form says which field is wrong."""

from typing import Any

import pytest

from shop.accounts.addresses import InvalidAddress, make_address

BERLIN = {"name": "Vera Vogel", "line1": "Torstr. 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}
LEEDS = {"name": "Ed", "line1": "1 High St", "postal_code": "ls1 1ab", "city": "Leeds", "country": "GB"}
AUSTIN = {"name": "Al", "line1": "1 Main St", "postal_code": "78701", "city": "Austin", "region": "TX", "country": "US"}


def test_an_address_is_written_as_its_post_writes_it() -> None:
    made = make_address(**{**AUSTIN, "region": "texas", "city": "  Austin ", "country": "us"})

    assert made.lines == ["Al", "1 Main St", "Austin, TX 78701", "United States of America"]


@pytest.mark.parametrize(
    ("start", "change", "field", "says"),
    [
        (BERLIN, {"name": ""}, "name", "Please fill in the name."),
        (BERLIN, {"line1": " "}, "line1", "Please fill in the street and number."),
        (BERLIN, {"city": ""}, "city", "Please fill in the town."),
        (BERLIN, {"postal_code": "1011"}, "postal_code", "“1011” is not a postal code in Germany."),
        (BERLIN, {"country": "XX"}, "country", "Please choose a country from the list."),
        (BERLIN, {"country": ""}, "country", "Please choose a country from the list."),
        (BERLIN, {"city": "Ber\0lin"}, "city", "This has a character that cannot be printed."),
        (BERLIN, {"name": "V" * 121}, "name", "at most 120 characters"),
        (AUSTIN, {"region": ""}, "region", "Please fill in the state or region."),
        (AUSTIN, {"region": "Bavaria"}, "region", "“Bavaria” is not a state or region"),
        (AUSTIN, {"postal_code": "10001"}, "postal_code", "“10001” is not a postal code"),
    ],
)
def test_a_wrong_field_says_which_and_why(start: dict[str, Any], change: dict[str, str], field: str, says: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        make_address(**start | change)

    assert refused.value.details["field"] == field
    assert says in refused.value.said


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(InvalidAddress) as refused:
        make_address(name="Vera", line1="", country="DE", postal_code="x", city="")

    assert list(refused.value.details["problems"]) == ["line1", "city", "postal_code"]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (BERLIN | {"line2": "Hinterhaus"}, ["Vera Vogel", "Torstr. 1", "Hinterhaus", "10115 Berlin"]),
        (AUSTIN, ["Al", "1 Main St", "Austin, TX 78701"]),
        (LEEDS, ["Ed", "1 High St", "Leeds", "LS1 1AB"]),
    ],
)
def test_a_label_follows_the_post_of_its_country(address: dict[str, str], lines: list[str]) -> None:
    made = make_address(**address)

    assert made.lines == [*lines, made.country.name]
