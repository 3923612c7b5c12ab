"""Changing a drop before it is over: a later end, a lower price, more pieces. Each press counts once."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from liveevents.drops import changing
from liveevents.drops.errors import MOST_DURATION_S
from liveevents.drops.models import Drop
from liveevents.web.studio.drops import moved
from liveevents.web.studio.entrance import drop_or_404, owners_only
from shop.core.money import from_major
from shop.stock.claiming import MOST_PIECES


class LaterForm(forms.Form):
    """How much later it closes, and when the page said that it does."""

    by_s = forms.IntegerField(label=_("Seconds"), min_value=1, max_value=MOST_DURATION_S)
    seen = forms.DateTimeField()


class PriceForm(forms.Form):
    """What a free piece costs from now on."""

    price = forms.DecimalField(label=_("Price"), min_value=Decimal("0.01"), max_digits=12, decimal_places=3)


class MoreForm(forms.Form):
    """How many more pieces, and how many the page said that there are."""

    more = forms.IntegerField(label=_("More pieces"), min_value=1, max_value=MOST_PIECES)
    seen = forms.IntegerField(min_value=1, max_value=MOST_PIECES)


@owners_only
@require_POST
def extend(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Let it close later."""
    drop, form = drop_or_404(request, drop_id), LaterForm(request.POST)
    if not form.is_valid():
        return _told(request, drop, form)
    return moved(request, drop, lambda drop: changing.extend_drop(drop=drop, **form.cleaned_data))


@owners_only
@require_POST
def lower(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Make its free pieces cheaper."""
    drop, form = drop_or_404(request, drop_id), PriceForm(request.POST)
    if not form.is_valid():
        return _told(request, drop, form)
    try:
        price = from_major(form.cleaned_data["price"], drop.event.store.currency)
    except ValueError:
        messages.error(request, _("This currency has no such small coins."))
        return redirect("studio_event", drop.event_id)
    return moved(request, drop, lambda drop: changing.lower_price(drop=drop, price=price))


@owners_only
@require_POST
def add(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Set more pieces aside."""
    drop, form = drop_or_404(request, drop_id), MoreForm(request.POST)
    if not form.is_valid():
        return _told(request, drop, form)
    return moved(request, drop, lambda drop: changing.add_pieces(drop=drop, **form.cleaned_data))


def _told(request: HttpRequest, drop: Drop, form: forms.Form) -> HttpResponse:
    """Back to the show's page, with the first thing that was wrong."""
    name, reasons = next(iter(form.errors.items()))
    messages.error(request, f"{form[name].label}: {reasons[0]}")
    return redirect("studio_event", drop.event_id)
