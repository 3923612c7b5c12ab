"""What a creator fills in. Ranges here only help typing; the services decide."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from liveevents.drops import errors
from liveevents.web.studio.steps import StepForm
from shop.catalog.models import Variant
from shop.catalog.queries import variants_of
from shop.core.errors import Refusal
from shop.core.money import Money, from_major
from shop.stock.claiming import MOST_PIECES
from shop.stock.models import OFFER_S, Audience
from shop.stock.queries import free_stock
from shop.stores.models import Store
from shop.stores.queries import followers_of

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
    takes_fewer = forms.BooleanField(
        label=_("Whoever asks for more than are left gets what is left"),
        required=False,
        help_text=_("Otherwise all they asked for, or nothing."),
    )
    hold_s = forms.IntegerField(
        label=_("Seconds to pay"), min_value=errors.LEAST_HOLD_S, max_value=errors.MOST_HOLD_S, initial=120
    )
    offer_s = forms.IntegerField(
        label=_("Seconds for the next in line"),
        required=False,
        min_value=errors.LEAST_OFFER_S,
        max_value=errors.MOST_OFFER_S,
        initial=OFFER_S,
    )
    duration_s = forms.IntegerField(
        label=_("Seconds open"), min_value=errors.LEAST_DURATION_S, max_value=errors.MOST_DURATION_S, initial=300
    )
    audience = forms.TypedChoiceField(
        label=_("Who may claim"),
        coerce=Audience,
        required=False,
        initial=Audience.EVERYONE,
        empty_value=Audience.EVERYONE,
        widget=forms.RadioSelect,
    )
    code_word = forms.CharField(
        label=_("Code word"),
        required=False,
        max_length=80,
        help_text=_("At least three letters or digits. Say it in the show: capitals, spaces and marks do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = store.currency
        variants = variants_of(store).filter(is_digital=False)
        choice = cast(VariantChoice, self.fields["variant"])
        choice.queryset = variants
        choice.free = free_stock([variant.pk for variant in variants])
        self.fields["price"].label = _("Price of a piece in {currency}").format(currency=store.currency)
        cast(forms.TypedChoiceField, self.fields["audience"]).choices = _audiences(store)
        written = cast(QueryDict, self.data) if self.is_bound else None
        self.steps = [StepForm(written, prefix=f"step-{n}", currency=store.currency) for n in range(errors.MOST_STEPS)]

    def clean_price(self) -> Money:
        """The price as money; a fraction of a cent is refused."""
        try:
            return from_major(self.cleaned_data["price"], self.currency)
        except ValueError as fraction:
            raise forms.ValidationError(_("This currency has no such small coins.")) from fraction

    def clean(self) -> dict[str, Any]:
        """An unnamed drop is called like its product; a turn in the line that nobody set lasts as always."""
        said = super().clean() or {}
        if not said.get("title") and said.get("variant"):
            said["title"] = said["variant"].product.title[:120]
        if "offer_s" in said:
            said["offer_s"] = said["offer_s"] or OFFER_S
        if "price" in said and all(step.is_valid() for step in self.steps):
            said["ladder"] = [step.step(price=said["price"]) for step in self.filled_steps]
        return said

    def is_valid(self) -> bool:
        """The steps too."""
        return all([super().is_valid(), *(step.is_valid() for step in self.steps)])

    @property
    def filled_steps(self) -> list[StepForm]:
        """The rows in which something was written."""
        return [step for step in self.steps if step.has_changed()]

    def part_of(self, refusal: Refusal) -> forms.Form:
        """The row that a refusal is about, else the form itself."""
        step, filled = refusal.details.get("step"), self.filled_steps
        return filled[min(step, len(filled) - 1)] if isinstance(step, int) and filled else self


def _audiences(store: Store) -> list[tuple[str, Any]]:
    """Who may claim, in a creator's words."""
    count = followers_of(store)
    followers = ngettext("Followers: {count} person now", "Followers: {count} people now", count).format(count=count)
    return [
        (Audience.EVERYONE, _("Everybody who watches")),
        (Audience.SIGNED_IN, _("People with an account")),
        (Audience.FOLLOWERS, followers),
        (Audience.CODE_WORD, _("Who knows the code word")),
    ]


class OpeningForm(forms.Form):
    """When a drop opens."""

    opens_at = forms.DateTimeField(label=_("Opens at (UTC)"), widget=LOCAL_TIME, input_formats=LOCAL_FORMATS)
