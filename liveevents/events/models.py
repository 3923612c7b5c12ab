"""Shows."""

from typing import ClassVar

from django.db import models

from liveevents.events.states import EVENT_MOVES, EventState
from shop.core.clock import DatabaseNow
from shop.stores.models import Store


class LiveEvent(models.Model):
    """A show of a store, tied to a video."""

    moves: ClassVar = EVENT_MOVES

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    poster = models.ImageField(upload_to="events/", blank=True)
    video_url = models.URLField(max_length=500, blank=True)
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=EventState, default=EventState.DRAFT)
    live_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "liveevents"
        constraints: ClassVar = [models.UniqueConstraint("store", "slug", name="one_slug_an_event")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_live(self) -> bool:
        """On air now."""
        return self.state == EventState.LIVE

    @property
    def is_planned(self) -> bool:
        """Not on air yet, and still meant to be."""
        return self.state in (EventState.DRAFT, EventState.SCHEDULED)

    @property
    def is_public(self) -> bool:
        """Anybody may see it."""
        return self.state != EventState.DRAFT
