"""The public record of a drop: what happened to it and when, for everybody to read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from liveevents.drops.models import Drop
from liveevents.drops.queries import announced_drop, record_of
from liveevents.web.told import told
from shop.web.front import front


@require_safe
def record(request: HttpRequest, store: str, slug: str, drop_id: int) -> HttpResponse:
    """404 for a plan that nobody announced, and for another show's drop."""
    try:
        drop = announced_drop(store_handle=store, slug=slug, drop_id=drop_id)
    except Drop.DoesNotExist as absent:
        raise Http404 from absent
    entries = list(record_of(drop))
    context = {
        **front(drop.event.store),
        "event": drop.event,
        "drop": drop,
        "entries": [told(entry, drop.allotment.currency) for entry in entries],
        "numbers": entries[-1].numbers if entries else None,
    }
    return render(request, "live/record.html", context)
