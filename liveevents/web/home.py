"""The first page: what is live, what comes next, which stores there are, and what they sell."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from liveevents.events.queries import coming_up, live_now
from shop.catalog.queries import newest
from shop.stores.queries import open_stores
from shop.web.shelf import cards_of

MOST_SHOWS, MOST_STORES, MOST_PRODUCTS = 6, 12, 12


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page."""
    context = {
        "live": live_now()[:MOST_SHOWS],
        "next": coming_up()[:MOST_SHOWS],
        "stores": open_stores().order_by("name")[:MOST_STORES],
        "cards": cards_of(list(newest()[:MOST_PRODUCTS]), eager=0),
    }
    return render(request, "live/home.html", context)
