"""A price ladder as a creator fills it in: rows of so many pieces, at so much less or at a price."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from liveevents.drops.ladder import Step, percent_off
from shop.core.money import Money, from_major
from shop.stock.claiming import MOST_PIECES

PERCENT: Final = range(1, 100)


class Kind(models.TextChoices):
    """What the amount of a row is."""

    PERCENT = "percent", _("% off")
    PRICE = "price", _("price")


class StepForm(forms.Form):
    """One step; a row that is left empty is none."""

    pieces = forms.IntegerField(
        label=_("Pieces"), min_value=1, max_value=MOST_PIECES, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    kind = forms.ChoiceField(label=_("Off or price"), choices=Kind.choices, initial=Kind.PERCENT)

    def __init__(self, written: QueryDict | None, *, prefix: str, currency: str) -> None:
        super().__init__(written, prefix=prefix, empty_permitted=True, use_required_attribute=False)
        self.currency = currency
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(Kind.PERCENT, Kind.PERCENT.label), (Kind.PRICE, currency)]

    def has_changed(self) -> bool:
        """Whether there is a number in it: choosing what it would mean is no step yet."""
        return not {"pieces", "amount"}.isdisjoint(self.changed_data)

    def clean(self) -> dict[str, Any]:
        """A price in whole small coins, or a whole number of percent."""
        said = super().clean() or {}
        amount = said.get("amount")
        if amount is not None and said.get("kind") == Kind.PERCENT and amount not in PERCENT:
            self.add_error("amount", _("A whole number of percent, from 1 to 99."))
        if amount is not None and said.get("kind") == Kind.PRICE:
            self._read_price(amount)
        return said

    def step(self, *, price: Money) -> Step:
        """What a valid row says, where the drop's own price is this one."""
        said = self.cleaned_data
        is_percent = said["kind"] == Kind.PERCENT
        return Step(said["pieces"], percent_off(price, int(said["amount"])) if is_percent else said["price"])

    def _read_price(self, amount: Decimal) -> None:
        try:
            self.cleaned_data["price"] = from_major(amount, self.currency)
        except ValueError:
            self.add_error("amount", _("This currency has no such small coins."))
