"""The desk's forms: what is typed at the packing table."""

from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.fulfilment.carriers import CARRIERS
from shop.fulfilment.services import LONGEST_NOTE
from shop.orders.models import Order, OrderLine

BACK, GONE = "back", "gone"
LONGEST_REASON = 200


class ShipForm(forms.Form):
    """Who takes the parcel, and under which number."""

    use_required_attribute = False

    carrier = forms.ChoiceField(
        label=_("Carrier"), choices=[("", _("Choose …")), *((one.code, one.name) for one in CARRIERS.values())]
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        help_text=_("Only another carrier may go without."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class MissingForm(forms.Form):
    """What cannot be found."""

    note = forms.CharField(label=_("What is missing?"), max_length=LONGEST_NOTE)


class RefundForm(forms.Form):
    """Units of each line, whether they can be sold again, and why. Restocking has no default: somebody decides."""

    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    restock = forms.ChoiceField(
        label=_("What happens with the goods?"),
        choices=[(BACK, _("They come back and can be sold again")), (GONE, _("They do not come back"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please say whether the goods can be sold again.")},
    )
    with_shipping = forms.BooleanField(label=_("Give the delivery cost back too"), required=False)
    reason = forms.CharField(label=_("Why? The buyer reads this"), required=False, max_length=LONGEST_REASON)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.kept = [line for line in order.lines.all() if line.kept_quantity]
        for line in self.kept:
            self.fields[field_of(line)] = _units(line)

    def key_of_refund(self) -> UUID:
        """The form's key, made one of this order only."""
        return uuid5(UUID(int=self.order.pk), str(self.cleaned_data["key"]))

    def units(self) -> dict[int, int]:
        """How many units of each line go back, by line id, without the zeros."""
        chosen = {line.pk: self.cleaned_data.get(field_of(line)) or 0 for line in self.kept}
        return {line_id: units for line_id, units in chosen.items() if units}

    def rows(self) -> list[tuple[OrderLine, forms.BoundField]]:
        """Each line with its field."""
        return [(line, self[field_of(line)]) for line in self.kept]


def field_of(line: OrderLine) -> str:
    """The name of a line's field."""
    return f"line_{line.pk}"


def _units(line: OrderLine) -> forms.IntegerField:
    most = line.kept_quantity
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    label = _("How many go back")
    return forms.IntegerField(label=label, min_value=0, max_value=most, initial=0, required=False, widget=widget)
