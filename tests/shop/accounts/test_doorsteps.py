"""One spelling for one place."""

import pytest

from shop.accounts.doorsteps import LONGEST, doorstep
from shop.accounts.models import Address


def written(
    line1: str, line2: str = "", *, postal_code: str = "10115", city: str = "Berlin", country: str = "DE"
) -> str:
    return doorstep(Address(line1=line1, line2=line2, postal_code=postal_code, city=city, country=country))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (written("Hauptstr. 1"), written("HAUPTSTRASSE 1")),
        (written("Hauptstraße 1"), written("Haupt-Straße  1")),
        (written("Rue de l'Église 4"), written("rue de l eglise 4")),
        (written("5 Main Street", "Apartment 7"), written("5 main st. Apt 7")),
        (written("Hauptstr. 1", postal_code="SW1A 1AA"), written("Hauptstr. 1", postal_code="sw1a1aa")),
        (written("Hauptstr. 1"), written("Hauptstr. 1", city="Berlin-Mitte")),
    ],
)
def test_the_same_place(one: str, other: str) -> None:
    assert one == other


@pytest.mark.parametrize(
    "other",
    [
        written("Hauptstr. 11"),
        written("Hauptstr. 1", "Flat 2"),
        written("Hauptstr. 1", postal_code="10116"),
        written("Hauptstr. 1", country="AT"),
    ],
)
def test_another_place(other: str) -> None:
    assert other != written("Hauptstr. 1")


def test_the_town_counts_where_there_is_no_postal_code() -> None:
    assert written("1 Queen's Road", postal_code="", country="HK") != written(
        "1 Queen's Road", postal_code="", city="Kowloon", country="HK"
    )


def test_the_longest_address_fits() -> None:
    assert len(written("ﷺ" * 120, "ﷺ" * 120)) == LONGEST
