"""Every table of the live side, for Django to find."""

from liveevents.drops.models import Drop, DropEntry
from liveevents.events.models import LiveEvent

__all__ = ["Drop", "DropEntry", "LiveEvent"]
