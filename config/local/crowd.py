"""Invented people who watch the demo's show: their names, their homes, and what becomes of their claims."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from config.local.stripe.cards import own_card

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
# Street, postal code, town, country: real towns, invented doors. Each person has another one.
HOMES: Final = (
    ("Karl-Marx-Allee", "10243", "Berlin", "DE"),
    ("Schanzenstraße", "20357", "Hamburg", "DE"),
    ("Venloer Straße", "50823", "Köln", "DE"),
    ("Gabelsbergerstraße", "80333", "München", "DE"),
    ("Alaunstraße", "01099", "Dresden", "DE"),
    ("Karl-Liebknecht-Straße", "04275", "Leipzig", "DE"),
    ("Viehofer Straße", "45127", "Essen", "DE"),
    ("Neubaugasse", "1070", "Wien", "AT"),
    ("Lendplatz", "8020", "Graz", "AT"),
    ("Czaar Peterstraat", "1018 PK", "Amsterdam", "NL"),
    ("Oudegracht", "3511 NN", "Utrecht", "NL"),
    ("Rue Oberkampf", "75011", "Paris", "FR"),
    ("Cours Julien", "13006", "Marseille", "FR"),
    ("Jægersborggade", "2200", "København", "DK"),
)
DECLINED_CARD: Final = "4000000000009995"


class Habit(StrEnum):
    """What somebody does with a piece that is held for them."""

    PAYS = "pays"
    IS_DECLINED_FIRST = "is declined, then pays with another card"
    IS_ASKED_BY_BANK = "is asked by the bank, then has paid"
    LEAVES_PAGE = "opens the payment page and walks away"
    FORGETS = "lets the time run out"
    LETS_GO = "gives it back"


SHARE_TOO_EARLY: Final = 0.04
LATEST_S: Final = 20.0
SHARE_THAT_HEARD: Final = 0.9  # the code word, when it is said

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
    habit = dice.choices(list(HOW_OFTEN), weights=list(HOW_OFTEN.values()))[0]
    number = dice.randrange(10**6)
    return Person(
        name=f"{first} {last}",
        email=f"{first}.{last}.{number:06}@example.com".lower(),
        address={
            "name": f"{first} {last}",
            "line1": f"{street} {dice.randrange(1, 400)}{dice.choice('abcdefgh')}",
            "postal_code": postal_code,
            "city": city,
            "country": country,
        },
        card=own_card(number, asks_bank=habit == Habit.IS_ASKED_BY_BANK),
        habit=habit,
    )


def reaction_s(dice: random.Random) -> float:
    """How long after the opening a finger comes down (s): most within two seconds, a few are early (below 0)."""
    if dice.random() < SHARE_TOO_EARLY:
        return -dice.uniform(0.05, 1.5)
    return min(dice.lognormvariate(0.0, 0.7), LATEST_S)
