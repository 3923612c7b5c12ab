"""What a creator fills in. Ranges here only help typing; the services decide."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from liveevents.drops import errors
from shop.catalog.models import Variant
from shop.catalog.queries import variants_of
from shop.core.money import Money, from_major
from shop.stock.claiming import MOST_PIECES
from shop.stock.queries import free_stock
from shop.stores.models import Store

LOCAL_TIME = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
LOCAL_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class EventForm(forms.Form):
    """A show's details."""

    title = forms.CharField(label=_("Title"), max_length=120)
    starts_at = forms.DateTimeField(label=_("Starts at (UTC)"), widget=LOCAL_TIME, input_formats=LOCAL_FORMATS)
    video_url = forms.CharField(
        label=_("Video"),
        required=False,
        max_length=500,
        help_text=_("The address of your stream on YouTube, Twitch, Vimeo or TikTok, or an HLS playlist (.m3u8)."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    about = forms.CharField(label=_("What it is about"), required=False, widget=forms.Textarea(attrs={"rows": 4}))


class VariantChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A variant with how many are free."""

    free: dict[int, int]

    def label_from_instance(self, obj: Variant) -> str:
        """ "Mug · Ink · €20.00 · 14 free" """
        parts = [obj.product.title, obj.title, obj.price.format(), f"{self.free.get(obj.pk, 0)} free"]
        return " · ".join(filter(None, parts))


class DropForm(forms.Form):
    """A drop's terms."""

    variant = VariantChoice(label=_("What is sold"), queryset=Variant.objects.none(), empty_label=_("Choose …"))
    title = forms.CharField(
        label=_("Name of the drop"), required=False, max_length=120, help_text=_("Left empty: the product’s name.")
    )
    price = forms.DecimalField(
        label=_("Price of a piece"),
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    pieces = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=MOST_PIECES, initial=20)
    per_person = forms.IntegerField(label=_("Most a person"), min_value=1, max_value=MOST_PIECES, initial=1)
    hold_s = forms.IntegerField(
        label=_("Seconds to pay"), min_value=errors.LEAST_HOLD_S, max_value=errors.MOST_HOLD_S, initial=120
    )
    duration_s = forms.IntegerField(
        label=_("Seconds open"), min_value=errors.LEAST_DURATION_S, max_value=errors.MOST_DURATION_S, initial=300
    )

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = store.currency
        variants = variants_of(store).filter(is_digital=False)
        choice = cast(VariantChoice, self.fields["variant"])
        choice.queryset = variants
        choice.free = free_stock([variant.pk for variant in variants])
        self.fields["price"].label = _("Price of a piece in {currency}").format(currency=store.currency)

    def clean_price(self) -> Money:
        """The price as money; a fraction of a cent is refused."""
        try:
            return from_major(self.cleaned_data["price"], self.currency)
        except ValueError as fraction:
            raise forms.ValidationError(_("This currency has no such small coins.")) from fraction

    def clean(self) -> dict[str, Any]:
        """An unnamed drop is called like its product."""
        said = super().clean() or {}
        if not said.get("title") and said.get("variant"):
            said["title"] = said["variant"].product.title[:120]
        return said


class OpeningForm(forms.Form):
    """When a drop opens."""

    opens_at = forms.DateTimeField(label=_("Opens at (UTC)"), widget=LOCAL_TIME, input_formats=LOCAL_FORMATS)
