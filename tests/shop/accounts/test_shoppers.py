"""A person is counted once, however many browsers they use."""

from uuid import uuid4

import pytest
from django.db import transaction

from shop.accounts.models import Shopper, User
from shop.accounts.queries import find_shopper, person_ids
from shop.accounts.services import shopper_of
from tests import make


def test_a_stranger_gets_a_row_with_the_first_write_and_only_one() -> None:
    stranger = uuid4()

    first, again = settle(stranger), settle(stranger)

    assert first.pk == again.pk == stranger
    assert first.user is None


def test_signing_in_ties_the_browser_to_the_account(cora: User) -> None:
    browser = make.shopper()

    settle(browser.pk, cora)

    browser.refresh_from_db()
    assert browser.user == cora


def test_two_browsers_of_one_account_are_one_person(cora: User, vera: Shopper) -> None:
    phone, laptop = make.shopper(cora), make.shopper(cora)

    assert set(person_ids(phone)) == {phone.pk, laptop.pk}
    assert person_ids(vera) == [vera.pk]


def test_signing_in_on_somebody_elses_browser_leaves_their_shopper_alone(cora: User, fred: User) -> None:
    of_cora = make.shopper(cora)

    of_fred = settle(of_cora.pk, fred)

    of_cora.refresh_from_db()
    assert of_cora.user == cora
    assert of_fred.user == fred
    assert settle(of_cora.pk, fred).pk == of_fred.pk


def test_a_reader_who_is_signed_in_never_sees_another_accounts_shopper(cora: User, fred: User) -> None:
    of_cora, of_fred = make.shopper(cora), make.shopper(fred)

    seen = find_shopper(shopper_id=of_cora.pk, user=fred)

    assert person_ids(seen) == [of_fred.pk]


def test_reading_makes_no_row() -> None:
    nobody, stranger = find_shopper(shopper_id=None, user=None), find_shopper(shopper_id=uuid4(), user=None)

    assert person_ids(nobody) == [nobody.pk]
    assert person_ids(stranger) == [stranger.pk]
    assert not Shopper.objects.exists()


def settle(shopper_id: object, user: User | None = None) -> Shopper:
    with transaction.atomic():
        return shopper_of(shopper_id=shopper_id, user=user)  # type: ignore[arg-type]


pytestmark = pytest.mark.django_db
