"""Orders and their lines: every price, name and tax as it was agreed."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from shop.accounts.models import Address, Shopper
from shop.catalog.models import Variant
from shop.core.money import Money
from shop.orders.states import ORDER_MOVES, OrderState
from shop.stock.models import Hold, Piece
from shop.stores.models import Store

READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """An order number that a person can read out: SD-4F7K-2M9Q. 30⁸ are possible."""
    drawn = "".join(secrets.choice(READABLE) for _ in range(8))
    return f"SD-{drawn[:4]}-{drawn[4:]}"


def new_token() -> str:
    """The secret of an order's link, 192 bits."""
    return secrets.token_urlsafe(24)


class Order(models.Model):
    """One purchase from one store. Its total is what the payment asks for."""

    moves: ClassVar = ORDER_MOVES

    number = models.CharField(max_length=12, unique=True, default=new_number)
    token = models.CharField(max_length=40, unique=True, default=new_token)
    key = models.UUIDField(help_text="The checkout form it came from, so that a form makes one order.")
    store = models.ForeignKey(Store, models.PROTECT, related_name="orders")
    shopper = models.ForeignKey(Shopper, models.PROTECT, related_name="orders")
    email = models.EmailField()
    ship_to = models.ForeignKey(Address, models.PROTECT, null=True, related_name="+")
    country = models.CharField(max_length=2)
    doorstep = models.CharField(max_length=400, blank=True, help_text="Where it goes, as fold() writes it.")
    currency = models.CharField(max_length=3)
    items_minor = models.PositiveBigIntegerField()
    shipping_minor = models.PositiveBigIntegerField()
    shipping_name = models.CharField(max_length=60, blank=True)
    tax_minor = models.PositiveBigIntegerField(help_text="Contained in the total.")
    tax_rate_bp = models.PositiveIntegerField()
    total_minor = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=OrderState, default=OrderState.PLACED)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.UniqueConstraint("shopper", "key", name="one_order_a_checkout"),
            models.UniqueConstraint(
                "shopper", "store", name="one_open_order_a_shopper", condition=Q(state=OrderState.PLACED)
            ),
            models.CheckConstraint(
                condition=Q(total_minor=F("items_minor") + F("shipping_minor")), name="an_order_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=False) | ~Q(state__in=[OrderState.PAID, OrderState.CANCELLED]),
                name="a_paid_order_was_paid",
            ),
        ]
        indexes: ClassVar = [
            models.Index("email", name="order_by_email"),
            models.Index("doorstep", name="order_by_doorstep", condition=~Q(doorstep="")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        """What the buyer pays, tax and shipping included."""
        return Money(self.total_minor, self.currency)

    @property
    def items(self) -> Money:
        """The lines together, without shipping."""
        return Money(self.items_minor, self.currency)

    @property
    def shipping(self) -> Money:
        """What sending it costs."""
        return Money(self.shipping_minor, self.currency)

    @property
    def tax(self) -> Money:
        """The tax that the total contains."""
        return Money(self.tax_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Still to be paid."""
        return self.state == OrderState.PLACED

    @property
    def is_paid(self) -> bool:
        """Paid, and not given back in full."""
        return self.state == OrderState.PAID


class OrderLine(models.Model):
    """So many units of a variant, or one numbered piece."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    piece = models.ForeignKey(Piece, models.PROTECT, null=True, related_name="order_lines")
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="order_lines")
    title = models.CharField(max_length=200)
    variant_title = models.CharField(max_length=380, blank=True)
    sku = models.CharField(max_length=80, blank=True)
    quantity = models.PositiveIntegerField()
    returned_quantity = models.PositiveIntegerField(default=0)
    unit_price_minor = models.PositiveBigIntegerField()
    tax_minor = models.PositiveBigIntegerField(help_text="Contained in the line's total.")
    currency = models.CharField(max_length=3)
    weight_g = models.PositiveIntegerField()
    is_digital = models.BooleanField()

    class Meta:
        app_label = "shop"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint("order", "piece", name="a_piece_once_an_order"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="a_line_has_units"),
            models.CheckConstraint(condition=Q(returned_quantity__lte=F("quantity")), name="no_more_than_was_bought"),
            models.CheckConstraint(
                condition=Q(piece=None, hold=None) | Q(piece__isnull=False, hold__isnull=False, quantity=1),
                name="a_piece_is_one_unit",
            ),
        ]

    @property
    def unit_price(self) -> Money:
        """What one unit was agreed to cost."""
        return Money(self.unit_price_minor, self.currency)

    @property
    def total(self) -> Money:
        """What the line costs."""
        return self.unit_price * self.quantity

    @property
    def kept_quantity(self) -> int:
        """Units that were not given back."""
        return self.quantity - self.returned_quantity
