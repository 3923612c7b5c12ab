"""Offers, shipping rates and tax rates."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shop.catalog.models import Variant
from shop.core.clock import DatabaseNow
from shop.core.money import Money
from shop.stores.models import Store


class Offer(models.Model):
    """A price for a variant in a window: for everyone, or only for those who hold a piece.

    Open means opens_at ≤ stagedoor_now() < closes_at; without opens_at it has not been opened yet.
    """

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="offers")
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    for_everyone = models.BooleanField(default=False)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(closes_at=None) | Q(closes_at__gte=F("opens_at")), name="offer_window"),
        ]

    @property
    def price(self) -> Money:
        """What one unit costs in this offer."""
        return Money(self.price_minor, self.currency)


class ShippingRate(models.Model):
    """What it costs to send up to so many grams to a country; "*" is every country not named."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="shipping_rates")
    country = models.CharField(max_length=2)
    name = models.CharField(max_length=60)
    up_to_g = models.PositiveIntegerField()
    price_minor = models.PositiveBigIntegerField()
    days = models.CharField(max_length=20, blank=True, help_text='How long it takes, "2–4".')

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.UniqueConstraint("store", "country", "up_to_g", name="one_rate_a_weight"),
        ]


class TaxRate(models.Model):
    """The tax that prices contain for buyers in a country, in hundredths of a percent; "*" as above."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="tax_rates")
    country = models.CharField(max_length=2)
    rate_bp = models.PositiveIntegerField(help_text="1900 is 19 %.")

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.UniqueConstraint("store", "country", name="one_tax_a_country")]
