"""Invented people who watch the demo's show: their names, their homes, and what becomes of their claims."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIRST: Final = (
    *("Amira", "Anneke", "Bela", "Bruno", "Camille", "Chidi", "Clara", "Dario", "Edda", "Emil", "Fatma", "Finn"),
    *("Greta", "Hassan", "Ida", "Ines", "Jannis", "Joao", "Kaja", "Lea", "Linh", "Lorenz", "Maarten", "Mira"),
    *("Noor", "Olga", "Pelle", "Rosa", "Samir", "Sanne", "Tilda", "Tomasz", "Vesna", "Willem", "Yara", "Zoe"),
)
LAST: Final = (
    *("Adeyemi", "Bakker", "Brandt", "Castro", "Dubois", "Engel", "Farkas", "Garnier", "Holm", "Ivanova", "Jansen"),
    *("Kaya", "Keller", "Lindgren", "Maurer", "Meijer", "Nguyen", "Novak", "Okafor", "Petit", "Richter", "Rossi"),
    *("Santos", "Seidel", "Thorsen", "Vermeer", "Vogel", "Weiss", "Yilmaz", "Zimmer"),
)
# Street, postal code, town, country: real towns, invented doors.
HOMES: Final = (
    ("Karl-Marx-Allee 112", "10243", "Berlin", "DE"),
    ("Schanzenstraße 41", "20357", "Hamburg", "DE"),
    ("Venloer Straße 230", "50823", "Köln", "DE"),
    ("Gabelsbergerstraße 19", "80333", "München", "DE"),
    ("Alaunstraße 57", "01099", "Dresden", "DE"),
    ("Karl-Liebknecht-Straße 88", "04275", "Leipzig", "DE"),
    ("Viehofer Straße 12", "45127", "Essen", "DE"),
    ("Neubaugasse 64", "1070", "Wien", "AT"),
    ("Lendplatz 8", "8020", "Graz", "AT"),
    ("Czaar Peterstraat 103", "1018 PK", "Amsterdam", "NL"),
    ("Oudegracht 271", "3511 NN", "Utrecht", "NL"),
    ("Rue Oberkampf 77", "75011", "Paris", "FR"),
    ("Cours Julien 35", "13006", "Marseille", "FR"),
    ("Jægersborggade 21", "2200", "København", "DK"),
)
GOOD_CARDS: Final = (
    *("4242424242424242", "5555555555554444", "378282246310005"),
    *("6011111111111117", "4000056655665556", "5200828282828210"),
)
DECLINED_CARD: Final = "4000000000009995"
BANK_ASKS_CARD: Final = "4000002760003184"


class Habit(StrEnum):
    """What somebody does with a piece that is held for them."""

    PAYS = "pays"
    IS_DECLINED_FIRST = "is declined, then pays with another card"
    IS_ASKED_BY_BANK = "is asked by the bank, then has paid"
    LEAVES_PAGE = "opens the payment page and walks away"
    FORGETS = "lets the time run out"
    LETS_GO = "gives it back"


HOW_OFTEN: Final = {
    Habit.PAYS: 58,
    Habit.IS_DECLINED_FIRST: 10,
    Habit.IS_ASKED_BY_BANK: 14,
    Habit.LEAVES_PAGE: 4,
    Habit.FORGETS: 8,
    Habit.LETS_GO: 6,
}


@dataclass(frozen=True)
class Pace:
    """How long people take, least and most seconds each; the demo's people are in no hurry."""

    looks: tuple[float, float] = (3, 7)
    reacts: tuple[float, float] = (0.5, 6)
    decides: tuple[float, float] = (2, 9)
    types: tuple[float, float] = (4, 12)
    tries_again: tuple[float, float] = (4, 10)
    proves: tuple[float, float] = (3, 8)
    forgets: tuple[float, float] = (20, 40)
    share_that_waits: float = 0.4  # of those who find it sold out


@dataclass(frozen=True)
class Person:
    """Somebody who watches."""

    name: str
    email: str
    address: dict[str, str]
    card: str
    habit: Habit


def somebody(dice: random.Random) -> Person:
    """A new person."""
    first, last = dice.choice(FIRST), dice.choice(LAST)
    street, postal_code, city, country = dice.choice(HOMES)
    return Person(
        name=f"{first} {last}",
        email=f"{first}.{last}.{dice.randrange(10**4):04}@example.com".lower(),
        address={
            "name": f"{first} {last}",
            "line1": street,
            "postal_code": postal_code,
            "city": city,
            "country": country,
        },
        card=dice.choice(GOOD_CARDS),
        habit=dice.choices(list(HOW_OFTEN), weights=list(HOW_OFTEN.values()))[0],
    )
