"""Download rights: one for each unit bought."""

from typing import ClassVar

from django.db import models

from shop.core.clock import DatabaseNow
from shop.orders.models import OrderLine


class Right(models.Model):
    """The right to fetch a product's files, for one unit of an order line, until that unit is given back."""

    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="rights")
    unit = models.PositiveIntegerField(help_text="Counted from 1 within the line.")
    granted_at = models.DateTimeField(db_default=DatabaseNow())
    fetched_at = models.DateTimeField(null=True, help_text="When a file of it was first sent.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint("order_line", "unit", name="one_right_a_unit")]
