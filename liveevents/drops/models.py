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
