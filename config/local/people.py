"""The demo's people and what they may do. Their mail goes to the demo's mailbox."""

from dataclasses import dataclass
from typing import Final

from shop.accounts.models import User
from shop.stores.models import Role


@dataclass(frozen=True, slots=True)
class Person:
    """A demo account; `place` is the page that their day begins on, `roles` their role by store handle."""

    name: str
    does: str
    place: str
    roles: dict[str, Role]

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@stagedoor.example"


PEOPLE: Final = (
    Person("Cora", "creator", "/studio/", {"saltware": Role.OWNER}),
    Person("Fred", "fulfilment", "/desk/", {"saltware": Role.FULFILMENT}),
    Person("Mona", "moderator", "/", {"saltware": Role.MODERATOR}),
    Person("Jonas", "another creator", "/studio/", {"papermoth": Role.OWNER}),
    Person("Vera", "viewer", "/", {}),
    Person("Victor", "viewer", "/", {}),
)


def account(person: Person) -> User:
    """The account of a demo person, made the first time."""
    known = User.objects.filter(email=person.email).first()
    return known or User.objects.create_user(person.email, name=person.name)


def owner_of(handle: str) -> Person:
    """Who runs a store of the demo."""
    return next(person for person in PEOPLE if person.roles.get(handle) == Role.OWNER)
