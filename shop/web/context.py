"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from shop.cart.queries import units_put_aside
from shop.door.shopper import known_shopper_id, reader


def shop_front(request: HttpRequest) -> dict[str, Any]:
    """The site's address, whether this is the demo and, at addresses with a `store` in them, the way to its cart."""
    return {"site_url": settings.SITE_URL, "is_demo": settings.DEMO, **_cart(request)}


def _cart(request: HttpRequest) -> dict[str, Any]:
    """The cart's address, and its count: asked when a template prints it, and never for a stranger."""
    handle = request.resolver_match.kwargs.get("store", "") if request.resolver_match else ""
    if not handle:
        return {}
    return {
        "cart_url": reverse("cart", args=[handle]),
        "cart_count": SimpleLazyObject(lambda: cart_count(request, handle)),
    }


def cart_count(request: HttpRequest, store_handle: str) -> int:
    """How many things wait in a store's cart for whoever looks at this page."""
    if known_shopper_id(request) is None and not request.user.is_authenticated:
        return 0
    return units_put_aside(reader(request), store_handle)
