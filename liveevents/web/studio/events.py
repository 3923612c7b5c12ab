"""Shows in the studio: the list, a show's details, its moves, and how it is going."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liveevents.drops.queries import buyers_of, drops_now, sums_of
from liveevents.events import services
from liveevents.events.models import LiveEvent
from liveevents.events.queries import events_of
from liveevents.web.studio.entrance import around, event_or_404, owners_only, store_or_404, tell
from liveevents.web.studio.figures import figures, shape, state_of
from liveevents.web.studio.forms import EventForm, OpeningForm
from shop.accounts.models import Shopper
from shop.core import clock
from shop.core.errors import Conflict, Invalid
from shop.door.shopper import account_or_404
from shop.stores.queries import EVERYTHING, stores_of, with_followers

MOST_SHOWN = 100
MOVES: dict[str, Callable[[LiveEvent], LiveEvent]] = {
    "schedule": lambda event: services.schedule_event(event=event),
    "withdraw": lambda event: services.withdraw_event(event=event),
    "go-live": lambda event: services.go_live(event=event, at=clock.now()),
    "end": lambda event: services.end_event(event=event, at=clock.now()),
}


@owners_only
@require_safe
def shows(request: HttpRequest) -> HttpResponse:
    """Every show of the stores that this person owns; 404 for who owns none."""
    stores = list(with_followers(stores_of(account_or_404(request), roles=EVERYTHING)))
    if not stores:
        raise Http404
    events = events_of(account_or_404(request))[:MOST_SHOWN]
    return render(request, "studio/shows.html", {**around(), "events": events, "stores": stores})


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_event(request: HttpRequest, store: str) -> HttpResponse:
    """Make a draft."""
    owned = store_or_404(request, store)
    form = EventForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            event = services.draft_event(store=owned, at=clock.now(), **form.cleaned_data)
        except Invalid as refusal:
            tell(form, refusal)
        else:
            return redirect("studio_event", event.pk)
    return render(request, "studio/event_form.html", {**around(), "form": form, "store": owned})


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_event(request: HttpRequest, event_id: int) -> HttpResponse:
    """Change a show's details."""
    event = event_or_404(request, event_id)
    form = EventForm(request.POST or None, initial=_details(event))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_event(event=event, at=clock.now(), **form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            tell(form, refusal)
        else:
            return redirect("studio_event", event.pk)
    context = {**around(), "form": form, "store": event.store, "event": event}
    return render(request, "studio/event_form.html", context)


@owners_only
@require_safe
def event_page(request: HttpRequest, event_id: int) -> HttpResponse:
    """One show: its moves, its drops, and what they have come to."""
    event = event_or_404(request, event_id)
    drops = drops_now(event=event, shopper=Shopper())
    context = {
        **around(),
        "event": event,
        "store": event.store,
        "drops": reversed(drops),
        "shape": shape(event, drops),
        "figures": figures(sums_of(event)),
        "opening_form": OpeningForm(),
        "is_over": not event.is_live and not event.is_planned,
    }
    return render(request, "studio/event.html", context)


@owners_only
@require_safe
def state(request: HttpRequest, event_id: int) -> JsonResponse:
    """What ticks on that page."""
    event = event_or_404(request, event_id)
    return JsonResponse(state_of(event, sums_of(event), drops_now(event=event, shopper=Shopper())))


@owners_only
@require_POST
def move(request: HttpRequest, event_id: int, move: str) -> HttpResponse:
    """Schedule, withdraw, go live or end."""
    event = event_or_404(request, event_id)
    if move not in MOVES:
        raise Http404
    try:
        MOVES[move](event)
    except Conflict as refusal:
        messages.error(request, refusal.said)
    return redirect("studio_event", event_id)


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, event_id: int) -> HttpResponse:
    """Ask whether the show is to be cancelled, with what follows from it; then do it."""
    event = event_or_404(request, event_id)
    if request.method != "POST":
        context = {**around(), "event": event, "store": event.store, "buyers": buyers_of(event.pk)}
        return render(request, "studio/cancel.html", context)
    try:
        services.cancel_event(event=event, at=clock.now())
    except Conflict as refusal:
        messages.error(request, refusal.said)
    else:
        messages.success(request, _("The show is cancelled. Every buyer gets their money back."))
    return redirect("studio_event", event_id)


def _details(event: LiveEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in ("title", "about", "video_url", "starts_at")}
