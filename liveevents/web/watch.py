"""The viewer's page: a show, its drops, and what is held for the person who watches."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from liveevents.events.models import LiveEvent
from liveevents.events.queries import next_of, public_event
from liveevents.events.video import recognise
from liveevents.web import room
from liveevents.web.kept import PAGES, TOKEN, Mould
from liveevents.web.room import Room
from liveevents.web.tray import tray
from shop.accounts.models import Shopper
from shop.door.shopper import greet_onlooker, settle, somebody
from shop.web.front import front
from shop.web.shelf import goods_of

MOST_ON_SHELF = 24


@require_safe
def watch(request: HttpRequest, store: str, slug: str) -> HttpResponse:
    """The whole page. The viewer is greeted, so that a claim and its retries come from the same shopper."""
    came_at, me = time.monotonic(), somebody(request)
    if me is not None:
        entered = room.enter(event=_event_or_404(store, slug, me), shopper=settle(request, me))
        return render(request, "live/event.html", _page(request, entered))
    page = PAGES.mould(
        ("page", request.get_host(), get_language(), store, slug),
        came_at=came_at,
        make=lambda: _made(store, slug, lambda entered: _html(request, "live/event.html", _page(request, entered))),
    )
    greet_onlooker(request)
    return page.answer(request, came_at=came_at)


@require_safe
def side(request: HttpRequest, store: str, slug: str) -> HttpResponse:
    """The part that changes: drops and tray."""
    came_at, me = time.monotonic(), somebody(request)
    if me is not None:
        entered = room.enter(event=_event_or_404(store, slug, me), shopper=me)
        return render(request, "live/_side_alone.html", _side(entered))
    part = PAGES.mould(
        ("side", get_language(), store, slug),
        came_at=came_at,
        make=lambda: _made(store, slug, lambda entered: _html(request, "live/_side_alone.html", _side(entered))),
    )
    return part.answer(request, came_at=came_at)


@require_safe
def state(request: HttpRequest, store: str, slug: str) -> HttpResponse:
    """What ticks, as small JSON, for whoever asks each second."""
    came_at, me = time.monotonic(), somebody(request)
    response: HttpResponse
    if me is not None:
        response = JsonResponse(room.state(room.enter(event=_event_or_404(store, slug, me), shopper=me)))
    else:
        ticking = PAGES.mould(
            ("state", get_language(), store, slug), came_at=came_at, make=lambda: _made(store, slug, _json)
        )
        response = ticking.answer(request, came_at=came_at, content_type="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def next_show(request: HttpRequest, store: str) -> HttpResponse:
    """A fragment for the store's own pages: what is on its stage now or next; empty where nothing is."""
    return render(request, "live/_next_show.html", {"event": next_of(store)})


def _event_or_404(store: str, slug: str, viewer: Shopper | None = None) -> LiveEvent:
    """A show as this person finds it; None for a stranger."""
    try:
        return public_event(store_handle=store, slug=slug, user_id=viewer.user_id if viewer else None)
    except LiveEvent.DoesNotExist as absent:
        raise Http404 from absent


def _page(request: HttpRequest, entered: Room) -> dict[str, Any]:
    """What `event.html` takes."""
    event = entered.event
    goods = goods_of(event.store, most=MOST_ON_SHELF)
    prefetch_related_objects([drop.product for drop in entered.shown] + [one.product for one in goods], "pictures")
    return {
        **front(event.store),
        **_side(entered),
        "video": recognise(event.video_url) if event.video_url else None,
        "embed_url": _embed_url(request, event),
        "shelf": [{"card": one.card, "variant_id": one.only_choice} for one in goods],
    }


def _side(entered: Room) -> dict[str, Any]:
    """What `_side.html` takes."""
    event = entered.event
    address = reverse("event", args=[event.store.handle, event.slug])
    return {
        "event": event,
        "address": address,
        "room": entered,
        "drop_cards": room.drop_cards(entered),
        "starts_in_ms": max(0, int((event.starts_at - entered.now).total_seconds() * 1000)),
        **tray(entered, back_to=address),
    }


def _made(store: str, slug: str, printed: Callable[[Room], str]) -> Mould:
    """A page of the show as a stranger sees it, true for a moment, and never past the opening or end of a drop."""
    made_at = time.monotonic()
    entered = room.enter_as_stranger(_event_or_404(store, slug))
    return Mould.cut(printed(entered), made_at=made_at, lasts_s=min(settings.PAGES_KEPT_S, entered.stays_s))


def _html(request: HttpRequest, template: str, context: dict[str, Any]) -> str:
    return render_to_string(template, {**context, "csrf_token": TOKEN, "cart_count": 0}, request)


def _json(entered: Room) -> str:
    return json.dumps(room.state(entered), separators=(",", ":"))


def _embed_url(request: HttpRequest, event: LiveEvent) -> str | None:
    """The frame's address, where the platform allows one."""
    if not event.video_url:
        return None
    return recognise(event.video_url).embedded_on(request.get_host().partition(":")[0])
