"""What a buyer fills in to buy: an e-mail address and, when something is sent, where to."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.accounts.addresses import InvalidAddress, make_address, shape_of
from shop.accounts.models import Address


class CheckoutForm(forms.Form):
    """A purchase without a parcel.

    `key` names the form, so that sending it twice makes one order; `expects` is the total that the page showed.
    `country` is the one that is chosen now, by its code; `countries` are all that may be.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    expects = forms.IntegerField(required=False, widget=forms.HiddenInput)
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("For the receipt and the link to your order."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    country = forms.ChoiceField(label=_("Country"), widget=forms.Select(attrs={"autocomplete": "shipping country"}))

    def __init__(self, *args: Any, country: str, countries: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["country"]).choices = list(countries)

    @property
    def address(self) -> Address | None:
        """Where to, once the form is valid; nowhere for files."""
        return None


class DeliveryForm(CheckoutForm):
    """A purchase that is sent somewhere."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "shipping name"})
    )
    line1 = forms.CharField(
        label=_("Street and number"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-line1"}),
    )
    line2 = forms.CharField(
        label=_("Flat, floor, care of"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-line2"}),
    )
    postal_code = forms.CharField(
        label=_("Postal code"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "shipping postal-code"}),
    )
    city = forms.CharField(
        label=_("City"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-level2"}),
    )
    region = forms.CharField(
        label=_("State or region"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "shipping address-level1"}),
    )
    phone = forms.CharField(
        label=_("Phone for the carrier"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    ADDRESS_FIELDS = ("name", "line1", "line2", "postal_code", "city", "region", "country", "phone")

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, country=country, **kwargs)
        shape = shape_of(country)
        for name in self.ADDRESS_FIELDS:
            self.fields[name].required = name in shape.needed
            if name not in shape.used:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Hold the address against the rules of its country; each problem goes to its field."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors.keys() & set(self.ADDRESS_FIELDS):
            typed = {name: cleaned.get(name, "") for name in self.ADDRESS_FIELDS}
            try:
                cleaned["address"] = make_address(**typed)
            except InvalidAddress as refused:
                for field, said in cast(dict[str, str], refused.details["problems"]).items():
                    self.add_error(field if field in self.fields else None, said)
        return cleaned

    @property
    def address(self) -> Address | None:
        """Where to, once the form is valid."""
        address: Address = self.cleaned_data["address"]
        return address
