"""A question about a store is answered for one person, or not at all."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from shop.accounts.models import User
from shop.stores.models import Role, Store
from shop.stores.queries import DESK, EVERYTHING, TALK, TEAM, store_for, store_front, stores_of
from shop.stores.services import (
    HandleTaken,
    InvalidStore,
    LastOwner,
    add_member,
    close_store,
    open_store,
)
from tests import make
from tests.conftest import NOON

SALTWARE = {
    "handle": "saltware",
    "name": "Saltware",
    "currency": "EUR",
    "country": "DE",
    "seller": "Saltware, Speicherweg 4, Wattenhaven",
    "contact_email": "hello@saltware.example",
}


pytestmark = pytest.mark.django_db


def test_who_opens_a_store_owns_it(cora: User) -> None:
    store = open_store(owner=cora, **SALTWARE)

    assert list(stores_of(cora, roles=EVERYTHING)) == [store]
    assert store_front("saltware") == store


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"handle": "no spaces"}, "handle"),
        ({"handle": ""}, "handle"),
        ({"currency": "euro"}, "currency"),
        ({"country": "Germany"}, "country"),
        ({"contact_email": "nowhere"}, "contact_email"),
        ({"accent": "red"}, "accent"),
    ],
)
def test_a_wrong_field_of_a_store_is_named(cora: User, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidStore) as refused:
        open_store(owner=cora, **SALTWARE | change)

    assert refused.value.details["field"] == field
    assert not Store.objects.exists()


def test_two_stores_cannot_share_a_handle(cora: User, fred: User) -> None:
    open_store(owner=cora, **SALTWARE)

    with pytest.raises(HandleTaken):
        open_store(owner=fred, **SALTWARE)

    assert not stores_of(fred).exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.OWNER, {"everything", "desk", "talk", "team"}),
        (Role.FULFILMENT, {"desk", "team"}),
        (Role.MODERATOR, {"talk", "team"}),
    ],
)
def test_a_role_opens_its_own_doors_and_no_others(fred: User, role: Role, may: set[str]) -> None:
    store = make.store(owner=make.user())
    add_member(store=store, user=fred, role=role)

    doors = {"everything": EVERYTHING, "desk": DESK, "talk": TALK, "team": TEAM}

    assert {door for door, roles in doors.items() if stores_of(fred, roles=roles).exists()} == may


def test_a_stranger_learns_nothing_of_a_store(cora: User, fred: User) -> None:
    make.store("saltware", owner=cora)

    with pytest.raises(Store.DoesNotExist):
        store_for(fred, "saltware", roles=TEAM)
    with pytest.raises(Store.DoesNotExist):
        store_for(AnonymousUser(), "saltware", roles=TEAM)


def test_nobody_who_is_not_signed_in_runs_a_store_without_a_team() -> None:
    make.store()

    assert not stores_of(AnonymousUser()).exists()


def test_a_closed_store_is_shut_to_visitors_and_open_to_its_team(cora: User) -> None:
    store = make.store("saltware", owner=cora)

    close_store(store=store, at=NOON)

    with pytest.raises(Store.DoesNotExist):
        store_front("saltware")
    assert store_for(cora, "saltware", roles=DESK) == store


def test_the_last_owner_stays_one(cora: User, fred: User) -> None:
    store = make.store(owner=cora)

    with pytest.raises(LastOwner):
        add_member(store=store, user=cora, role=Role.MODERATOR)
    assert list(stores_of(cora, roles=EVERYTHING)) == [store]

    add_member(store=store, user=fred, role=Role.OWNER)
    add_member(store=store, user=cora, role=Role.MODERATOR)
    assert not stores_of(cora, roles=EVERYTHING).exists()
