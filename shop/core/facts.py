"""The durable outbox: what happened, written with what made it happen, and who was told.

A fact carries ids and numbers only. `tick` gives each fact one Delivery for each reaction that
`config/reactions.py` names; a reaction's effect and its `done_at` commit together (`relay.py`).
"""

from collections.abc import Iterable
from typing import ClassVar

from django.db import models

from shop.core.clock import DatabaseNow
from shop.core.db import inside_transaction
from shop.core.trace import LONGEST, request_id


class Fact(models.Model):
    """Something that happened, for ever."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    numbers = models.JSONField(default=dict)
    request_id = models.CharField(max_length=LONGEST, default=request_id, blank=True)
    recorded_at = models.DateTimeField(db_default=DatabaseNow())
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "shop"
        indexes: ClassVar = [
            models.Index("id", name="fact_not_relayed", condition=models.Q(relayed_at=None)),
            models.Index("kind", "subject", name="fact_by_subject"),
        ]


class Delivery(models.Model):
    """One reaction owed to one fact."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="deliveries")
    reaction = models.CharField(max_length=80)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=DatabaseNow())
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint("fact", "reaction", name="one_delivery_a_reaction")]
        indexes: ClassVar = [
            models.Index("next_try_at", name="delivery_owed", condition=models.Q(done_at=None)),
        ]


@inside_transaction
def record(kind: str, *, subject: object, **numbers: int | str) -> Fact:
    """Write a fact beside the change it tells of; `subject` is the id of the row that it is about."""
    return Fact.objects.create(kind=kind, subject=str(subject), numbers=numbers)


def request_ids_of(kind: str, *, subjects: Iterable[object]) -> dict[str, str]:
    """The requests behind facts of one kind, by subject; empty for what has no such fact. One query."""
    named = dict.fromkeys(map(str, subjects), "")
    told = Fact.objects.filter(kind=kind, subject__in=named).order_by("id")
    return named | dict(told.values_list("subject", "request_id"))
