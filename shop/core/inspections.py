"""What the last look at the invariants found, as a row: whoever looked and whoever tells of it differ."""

from django.db import models

from shop.core.clock import DatabaseNow


class Inspection(models.Model):
    """The last look at everything that must be true. There is one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    looked_at = models.DateTimeField(db_default=DatabaseNow())
    broken = models.JSONField(default=dict, help_text="The invariants that do not hold, and how many rows tell so.")

    class Meta:
        app_label = "shop"
