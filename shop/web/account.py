"""What is mine: the orders and files of the person who is signed in, or of this browser."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop.door.shopper import reader
from shop.downloads.queries import library_of
from shop.fulfilment.tracking import trackings
from shop.orders.queries import orders_of
from shop.stores.queries import DESK, stores_of
from shop.web.caching import secret

ON_A_PAGE = 20


@require_safe
@secret
def orders(request: HttpRequest) -> HttpResponse:
    """The person's orders, newest first, each with where it is."""
    page = Paginator(orders_of(reader(request)), ON_A_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    ways = trackings(found)
    listed = [{"order": order, "tracking": ways[order.pk]} for order in found]
    packs = stores_of(request.user, roles=DESK).exists()
    return render(request, "shop/account_orders.html", {"page": page, "listed": listed, "packs": packs})


@require_safe
@secret
def library(request: HttpRequest) -> HttpResponse:
    """Every file that the person bought and kept."""
    return render(request, "shop/account_library.html", {"shelves": library_of(reader(request))})
