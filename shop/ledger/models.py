"""Accounts and postings. A deferred trigger holds every entry to a sum of zero."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from shop.core.clock import DatabaseNow


class Account(models.Model):
    """A place where money is: "stripe", or "store:3:sales". Its balance is the sum of its postings."""

    name = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint("name", "currency", name="one_account_a_currency")]


class Entry(models.Model):
    """One movement of money, once for its reference, such as "attempt:UUID:captured"."""

    reference = models.CharField(max_length=80, unique=True)
    posted_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"


class Posting(models.Model):
    """One side of an entry: positive into the account, negative out of it. Never changed."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings")
    amount_minor = models.BigIntegerField()

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(amount_minor=0), name="a_posting_posts")]
