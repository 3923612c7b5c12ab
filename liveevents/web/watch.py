"""The viewer's page: a show, its drops, and what is held for the person who watches."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from liveevents.events.models import LiveEvent
from liveevents.events.queries import next_of, public_event
from liveevents.events.video import recognise
from liveevents.web import room
from liveevents.web.tray import tray
from shop.accounts.models import Shopper
from shop.catalog.queries import shelf
from shop.door.shopper import greet, reader
from shop.web.front import front
from shop.web.shelf import cards_of

MOST_ON_SHELF = 24


@require_safe
def watch(request: HttpRequest, store: str, slug: str) -> HttpResponse:
    """The whole page. The viewer is greeted, so that a claim and its retries come from the same shopper."""
    greet(request)
    viewer = reader(request)
    event = _event_or_404(store, slug, viewer)
    context = {
        **front(event.store),
        **_side(event, viewer),
        "video": recognise(event.video_url) if event.video_url else None,
        "embed_url": _embed_url(request, event),
        "shelf": _shelf(event),
    }
    return render(request, "live/event.html", context)


@require_safe
def side(request: HttpRequest, store: str, slug: str) -> HttpResponse:
    """The part that changes: drops and tray."""
    viewer = reader(request)
    return render(request, "live/_side_alone.html", _side(_event_or_404(store, slug, viewer), viewer))


@require_safe
def state(request: HttpRequest, store: str, slug: str) -> JsonResponse:
    """What ticks, as small JSON, for whoever asks each second."""
    viewer = reader(request)
    entered = room.enter(event=_event_or_404(store, slug, viewer), shopper=viewer)
    response = JsonResponse(room.state(entered))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def next_show(request: HttpRequest, store: str) -> HttpResponse:
    """A fragment for the store's own pages: what is on its stage now or next; empty where nothing is."""
    return render(request, "live/_next_show.html", {"event": next_of(store)})


def _shelf(event: LiveEvent) -> list[dict[str, Any]]:
    """The store's goods; one without a choice of variants goes into the cart from here."""
    goods = [product for product in shelf(event.store)[:MOST_ON_SHELF] if product.variants.all()]
    only = [product.variants.all()[0].pk if len(product.variants.all()) == 1 else None for product in goods]
    return [{"card": card, "variant_id": pk} for card, pk in zip(cards_of(goods, eager=0), only, strict=True)]


def _event_or_404(store: str, slug: str, viewer: Shopper) -> LiveEvent:
    try:
        return public_event(store_handle=store, slug=slug, user_id=viewer.user_id)
    except LiveEvent.DoesNotExist as absent:
        raise Http404 from absent


def _side(event: LiveEvent, viewer: Shopper) -> dict[str, Any]:
    """What `_side.html` takes."""
    address = reverse("event", args=[event.store.handle, event.slug])
    entered = room.enter(event=event, shopper=viewer)
    return {
        "event": event,
        "address": address,
        "room": entered,
        "drop_cards": room.drop_cards(entered),
        "starts_in_ms": max(0, int((event.starts_at - entered.now).total_seconds() * 1000)),
        **tray(entered, back_to=address),
    }


def _embed_url(request: HttpRequest, event: LiveEvent) -> str | None:
    """The frame's address, where the platform allows one."""
    if not event.video_url:
        return None
    return recognise(event.video_url).embedded_on(request.get_host().partition(":")[0])
