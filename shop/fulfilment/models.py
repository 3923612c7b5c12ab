"""Parcels and what is in them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from shop.accounts.models import Address
from shop.core.clock import DatabaseNow
from shop.fulfilment.carriers import CARRIERS
from shop.fulfilment.states import PARCEL_MOVES, ParcelState
from shop.orders.models import OrderLine
from shop.stores.models import Store


class Parcel(models.Model):
    """What goes to one address together: orders of one buyer join it until it is packed."""

    moves: ClassVar = PARCEL_MOVES

    store = models.ForeignKey(Store, models.PROTECT, related_name="parcels")
    email = models.EmailField()
    ship_to = models.ForeignKey(Address, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ParcelState, default=ParcelState.TO_PACK)
    opened_at = models.DateTimeField(db_default=DatabaseNow())
    packed_at = models.DateTimeField(null=True)
    packed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    carrier = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    missing_note = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=[ParcelState.SHIPPED, ParcelState.DELIVERED]) | ~Q(carrier=""),
                name="a_shipped_parcel_has_a_carrier",
            ),
        ]
        indexes: ClassVar = [
            models.Index("store", "opened_at", name="parcels_to_pack", condition=Q(state=ParcelState.TO_PACK)),
        ]

    @property
    def carrier_name(self) -> str:
        """Who brings it, as people say it; empty before it is handed over."""
        return CARRIERS[self.carrier].name if self.carrier else ""

    @property
    def tracking_url(self) -> str:
        """The carrier's page about it; empty where there is none."""
        return CARRIERS[self.carrier].tracking_url(self.tracking_number) if self.carrier else ""


class ParcelItem(models.Model):
    """The units of one order line that travel in a parcel."""

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="items")
    order_line = models.OneToOneField(OrderLine, models.PROTECT, related_name="parcel_item")
    quantity = models.PositiveIntegerField(help_text="Units still to be sent; fewer after a refund, none when all.")

    class Meta:
        app_label = "shop"
