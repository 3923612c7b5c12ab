"""Cart lines. Held pieces are no lines: they are a query over holds."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from shop.accounts.models import Shopper
from shop.catalog.models import Variant
from shop.core.clock import DatabaseNow
from shop.core.money import Money

MOST_OF_ONE = 99


class CartLine(models.Model):
    """So many of a variant, at the price that was shown when they were put in."""

    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="cart_lines")
    variant = models.ForeignKey(Variant, models.CASCADE)
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MOST_OF_ONE)])
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    added_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"
        ordering: ClassVar = ["added_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint("shopper", "variant", name="one_line_a_variant"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=MOST_OF_ONE), name="cart_quantity"),
        ]

    @property
    def price(self) -> Money:
        """What one cost when it was put in."""
        return Money(self.price_minor, self.currency)
