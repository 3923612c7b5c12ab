"""Drops: sales inside a show."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from liveevents.events.models import LiveEvent
from shop.core.clock import DatabaseNow
from shop.pricing.models import Offer
from shop.stock.models import Allotment


class Drop(models.Model):
    """A flash sale in a show: a shop Offer for its price and a shop Allotment for its pieces.

    Whether it is open is never stored: it follows from the allotment's window, its end and the database clock.
    """

    event = models.ForeignKey(LiveEvent, models.PROTECT, related_name="drops")
    title = models.CharField(max_length=120)
    offer = models.OneToOneField(Offer, models.PROTECT, related_name="+")
    allotment = models.OneToOneField(Allotment, models.PROTECT, related_name="+")
    duration_s = models.PositiveIntegerField(help_text="How long it stays open once it opens.")
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "liveevents"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(duration_s__gte=1), name="a_drop_lasts")]

    def __str__(self) -> str:
        return self.title


class EntryKind(models.TextChoices):
    """What the record of a drop tells."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    OPENED = "opened"
    EXTENDED = "extended"
    PRICE_CHANGED = "price_changed"
    PIECES_ADDED = "pieces_added"
    SOLD = "sold"
    SOLD_OUT = "sold_out"
    CAME_BACK = "came_back"
    REFUNDED = "refunded"
    CLOSED = "closed"
    SETTLED = "settled"


ONCE = (EntryKind.PLANNED, EntryKind.OPENED, EntryKind.CLOSED, EntryKind.SETTLED)


class DropEntry(models.Model):
    """A line of a drop's public record, for ever: a trigger refuses to change, delete or empty it.

    `numbers` is the whole small state at that moment: pieces, and how many of them were free, held, paying, sold and
    returned to stock; with what its kind adds (see `record.py`).
    """

    drop = models.ForeignKey(Drop, models.PROTECT, related_name="entries")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=13, choices=EntryKind)
    at = models.DateTimeField(help_text="By the database's clock; for an opening, its hour, whoever wrote it when.")
    numbers = models.JSONField()

    class Meta:
        app_label = "liveevents"
        ordering: ClassVar = ["drop", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint("drop", "sequence", name="one_entry_a_number"),
            models.UniqueConstraint("drop", "kind", name="what_happens_once", condition=Q(kind__in=ONCE)),
        ]
