"""Levels and moves; allotments, pieces, holds and the line.

Levels change in conditional statements (`levels.py`), pieces and holds through the SQL functions in `sql/`.
"""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from shop.accounts.models import Shopper
from shop.catalog.models import Variant
from shop.core.clock import DatabaseNow
from shop.core.money import Money
from shop.stock.states import FREE_STATES, OWNED_STATES, Ending, PieceState

OFFER_S = 90


class StockLevel(models.Model):
    """How many of a variant there are, and how many of those an unpaid order keeps. Files have no level."""

    variant = models.OneToOneField(Variant, models.CASCADE, related_name="stock")
    on_hand = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(held__lte=F("on_hand")), name="held_is_on_hand")]

    @property
    def free(self) -> int:
        """How many anybody may still buy."""
        return self.on_hand - self.held


class Reason(models.TextChoices):
    """Why stock moved."""

    RECEIVED = "received"
    RECOUNTED = "recounted"
    SOLD = "sold"
    RETURNED = "returned"
    TO_DROP = "to_drop"
    FROM_DROP = "from_drop"


class StockMove(models.Model):
    """One change of a level, for ever. The level is the sum of its moves."""

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="moves")
    delta = models.IntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    reference = models.CharField(max_length=80, unique=True, help_text="What moved it, so that it moves once.")
    moved_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(delta=0), name="a_move_moves")]


class Audience(models.TextChoices):
    """Who may claim pieces of a sale."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"
    FOLLOWERS = "followers"
    CODE_WORD = "code_word"


class Allotment(models.Model):
    """Pieces set aside for one sale. Open means opens_at ≤ stagedoor_now() < closes_at, and not ended."""

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="allotments")
    currency = models.CharField(max_length=3)
    per_person = models.PositiveIntegerField()
    hold_s = models.PositiveIntegerField()
    offer_s = models.PositiveIntegerField(default=OFFER_S, help_text="How long the line's turn lasts.")
    takes_fewer = models.BooleanField(default=False, help_text="Who asks for more than are left gets what is left.")
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    code_word = models.CharField(max_length=40, blank=True, help_text="As plain_word() writes it.")
    lowered_to_minor = models.PositiveBigIntegerField(null=True, help_text="What a piece costs at most since then.")
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(per_person__gte=1), name="somebody_may_have_one"),
            models.CheckConstraint(condition=Q(hold_s__gte=5), name="a_hold_lasts"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="allotment_window"),
            models.CheckConstraint(
                condition=Q(audience=Audience.CODE_WORD) ^ Q(code_word=""), name="a_code_word_where_one_is_asked"
            ),
        ]


class Hold(models.Model):
    """Pieces kept for a shopper: by one claim, or by the line. Its key makes asking twice harmless.

    Its clock runs to held_until; while pay_until is set the clock stands and kept_s is what was left.
    """

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="holds", db_index=False)
    shopper = models.ForeignKey(Shopper, models.PROTECT, related_name="holds", db_index=False)
    key = models.UUIDField()
    asked = models.PositiveIntegerField(help_text="How many were asked for.")
    quantity = models.PositiveIntegerField(help_text="How many there were.")
    network = models.BigIntegerField(null=True, help_text="A digest of the network address that claimed.")
    numbers = ArrayField(models.PositiveIntegerField())
    taken_at = models.DateTimeField()
    held_until = models.DateTimeField()
    pay_until = models.DateTimeField(null=True)
    kept_s = models.FloatField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=8, choices=Ending, blank=True)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.UniqueConstraint("shopper", "key", name="one_hold_a_key"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="an_end_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(pay_until=None, kept_s=None) | Q(pay_until__isnull=False, kept_s__isnull=False),
                name="a_fence_keeps_the_seconds",
            ),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(pay_until=None), name="nothing_ended_is_paying"),
        ]
        indexes: ClassVar = [
            models.Index("allotment", "id", name="hold_of_sale"),
            models.Index("allotment", "held_until", name="hold_due", condition=Q(ended_at=None, pay_until=None)),
            models.Index(
                "network", name="hold_unpaid", condition=Q(ended_at=None, pay_until=None, network__isnull=False)
            ),
        ]


class Piece(models.Model):
    """One numbered unit of an allotment, with a price of its own and at most one owner: its hold."""

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="pieces")
    number = models.PositiveIntegerField()
    place = models.PositiveIntegerField(help_text="The order of handing out; only the index of free pieces has it.")
    price_minor = models.PositiveBigIntegerField()
    state = models.PositiveSmallIntegerField(choices=PieceState, default=PieceState.FREE)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="pieces")

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.UniqueConstraint("allotment", "number", name="one_piece_a_number"),
            models.CheckConstraint(
                condition=Q(state__in=OWNED_STATES, hold__isnull=False) | Q(state__in=FREE_STATES, hold=None),
                name="an_owned_piece_has_a_hold",
            ),
        ]
        indexes: ClassVar = [
            models.Index("allotment", "place", name="piece_free", condition=Q(state=PieceState.FREE)),
        ]

    @property
    def price(self) -> Money:
        """What this piece costs; its number may decide."""
        return Money(self.price_minor, self.allotment.currency)


class Waiter(models.Model):
    """Somebody in the line of a sold-out allotment, until served by a hold or gone."""

    allotment = models.ForeignKey(Allotment, models.CASCADE, related_name="waiters")
    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="waits")
    key = models.UUIDField(default=uuid.uuid4)
    quantity = models.PositiveIntegerField()
    takes_fewer = models.BooleanField(default=False)
    joined_at = models.DateTimeField(db_default=DatabaseNow())
    left_at = models.DateTimeField(null=True)
    hold = models.OneToOneField(Hold, models.PROTECT, null=True)

    class Meta:
        app_label = "shop"
        constraints: ClassVar = [
            models.UniqueConstraint(
                "allotment", "shopper", name="one_place_in_the_line", condition=Q(left_at=None, hold=None)
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="waits_for_something"),
        ]
        indexes: ClassVar = [
            models.Index("allotment", "id", name="the_line", condition=Q(left_at=None, hold=None)),
        ]
