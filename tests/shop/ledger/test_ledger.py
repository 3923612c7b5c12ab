"""Entries balance, are written once, and are never changed."""

import pytest
from django.db import IntegrityError, transaction

from shop.core.money import Money
from shop.ledger.models import Entry, Posting
from shop.ledger.queries import balance
from shop.ledger.services import post

EUR = "EUR"


def pay(reference: str = "attempt:1:paid") -> None:
    with transaction.atomic():
        post(reference=reference, legs={"stripe": Money(500, EUR), "store:1:sales": Money(-500, EUR)})


def test_a_balance_is_the_sum_of_postings(db: None) -> None:
    pay("attempt:1:paid")
    pay("attempt:2:paid")

    assert balance("stripe", EUR) == Money(1000, EUR)
    assert balance("store:1:sales", EUR) == Money(-1000, EUR)
    assert balance("nobody", EUR) == Money(0, EUR)


def test_an_entry_is_posted_once_for_its_reference(db: None) -> None:
    pay()
    pay()

    assert balance("stripe", EUR) == Money(500, EUR)


def test_an_entry_that_does_not_balance_is_not_written(db: None) -> None:
    with pytest.raises(ValueError, match="does not balance"), transaction.atomic():
        post(reference="lopsided", legs={"stripe": Money(500, EUR), "store:1:sales": Money(-499, EUR)})

    assert not Entry.objects.exists()


def test_two_currencies_are_not_one_entry(db: None) -> None:
    with pytest.raises(ValueError, match="do not add up"), transaction.atomic():
        post(reference="mixed", legs={"stripe": Money(500, EUR), "store:1:sales": Money(-500, "USD")})


def test_legs_of_nothing_are_left_out(db: None) -> None:
    with transaction.atomic():
        post(reference="free", legs={"stripe": Money(0, EUR), "store:1:sales": Money(0, EUR)})

    assert not Entry.objects.exists()


def test_the_database_refuses_a_lopsided_entry(transactional_db: None) -> None:
    pay()
    kept = Posting.objects.earliest("pk")

    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        Posting.objects.create(entry=kept.entry, account=kept.account, amount_minor=1)

    assert balance("stripe", EUR) == Money(500, EUR)


def test_a_posting_is_never_changed(db: None) -> None:
    pay()

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Posting.objects.update(amount_minor=1)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Posting.objects.all().delete()
