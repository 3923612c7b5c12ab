"""Who may enter the desk, and what surrounds its pages."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from shop.door.shopper import account_or_404
from shop.fulfilment.models import Parcel
from shop.fulfilment.queries import counts_of, order_for, parcel_for
from shop.fulfilment.states import ParcelState
from shop.orders.models import Order
from shop.stores.models import Store
from shop.stores.queries import DESK, store_for

staff_only = login_required

# What the desk lists, by the last part of the address.
LISTS: dict[str, ParcelState] = {
    "to-pack": ParcelState.TO_PACK,
    "set-aside": ParcelState.MISSING,
    "packed": ParcelState.PACKED,
    "on-the-way": ParcelState.SHIPPED,
    "delivered": ParcelState.DELIVERED,
}
ICONS = {"to-pack": "box", "set-aside": "warning", "packed": "check", "on-the-way": "truck", "delivered": "home"}


def store_or_404(request: HttpRequest, handle: str) -> Store:
    """A store that this person packs for."""
    try:
        return store_for(account_or_404(request), handle, roles=DESK)
    except Store.DoesNotExist as absent:
        raise Http404 from absent


def parcel_or_404(request: HttpRequest, handle: str, parcel_id: int) -> Parcel:
    """A parcel of this store, for who packs there."""
    try:
        return parcel_for(user=account_or_404(request), parcel_id=parcel_id, store=store_or_404(request, handle))
    except Parcel.DoesNotExist as absent:
        raise Http404 from absent


def order_or_404(request: HttpRequest, handle: str, number: str) -> Order:
    """A paid order of this store, for who packs there."""
    try:
        return order_for(user=account_or_404(request), number=number, store=store_or_404(request, handle))
    except Order.DoesNotExist as absent:
        raise Http404 from absent


def list_names() -> dict[str, str]:
    """What the lists are called."""
    return {
        "to-pack": _("To pack"),
        "set-aside": _("Set aside"),
        "packed": _("Packed"),
        "on-the-way": _("On the way"),
        "delivered": _("Delivered"),
    }


def around(store: Store, *, current: str = "") -> dict[str, Any]:
    """The desk's navigation: a store's lists, with how many parcels wait in those that somebody works off."""
    counts = counts_of(store)
    links = [
        {
            "url": reverse("desk_list", args=[store.handle, key]),
            "label": label,
            "icon": ICONS[key],
            "count": counts[LISTS[key]] if key in ("to-pack", "set-aside", "packed") else 0,
            "is_current": key == current,
        }
        for key, label in list_names().items()
    ]
    return {"store": store, "brand_url": reverse("desk"), "nav_links": links}
