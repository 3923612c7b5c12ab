"""Drops in the studio: plan, open, schedule, end. Changing a running one: `changes.py`."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from liveevents.drops import services
from liveevents.drops.models import Drop
from liveevents.drops.planning import plan_drop
from liveevents.web.studio.entrance import around, drop_or_404, event_or_404, owners_only, tell
from liveevents.web.studio.forms import DropForm, OpeningForm
from shop.core.errors import Refusal


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_drop(request: HttpRequest, event_id: int) -> HttpResponse:
    """Plan a drop; its pieces leave the stock at once."""
    event = event_or_404(request, event_id)
    form = DropForm(request.POST or None, store=event.store)
    if request.method == "POST" and form.is_valid():
        try:
            plan_drop(event=event, **form.cleaned_data)
        except Refusal as refusal:
            tell(form.part_of(refusal), refusal)
        else:
            return redirect("studio_event", event.pk)
    context = {**around(), "form": form, "event": event, "store": event.store}
    return render(request, "studio/drop_form.html", context)


@owners_only
@require_POST
def open_now(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Open it this moment."""
    return moved(request, drop_or_404(request, drop_id), lambda drop: services.open_drop(drop=drop))


@owners_only
@require_POST
def schedule(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Announce when it opens."""
    drop = drop_or_404(request, drop_id)
    form = OpeningForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["opens_at"][0]))
        return redirect("studio_event", drop.event_id)
    opens_at = form.cleaned_data["opens_at"]
    return moved(request, drop, lambda drop: services.schedule_drop(drop=drop, opens_at=opens_at))


@owners_only
@require_POST
def end(request: HttpRequest, drop_id: int) -> HttpResponse:
    """End it before its time."""
    return moved(request, drop_or_404(request, drop_id), lambda drop: services.end_drop(drop=drop))


def moved(request: HttpRequest, drop: Drop, move: Callable[[Drop], object]) -> HttpResponse:
    """Back to the show's page, with the reason where the move was refused."""
    try:
        move(drop)
    except Refusal as refusal:
        messages.error(request, refusal.said)
    return redirect("studio_event", drop.event_id)
