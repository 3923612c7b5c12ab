"""What a page inside a store shows around its content."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from shop.stores.models import Store
from shop.stores.queries import store_front

LEGAL_PAGES = ("imprint", "terms", "privacy", "returns")


def store_or_404(handle: str) -> Store:
    """The open store of this handle, else 404."""
    try:
        return store_front(handle)
    except Store.DoesNotExist as absent:
        raise Http404 from absent


def front(store: Store) -> dict[str, Any]:
    """The store, its name at the top and its legal pages at the foot, for any template that extends base.html."""
    return {
        "store": store,
        "brand_url": reverse("store", args=[store.handle]),
        "legal_pages": [
            {"url": reverse("legal", args=[store.handle, page]), "title": legal_title(page)}
            for page in LEGAL_PAGES
            if getattr(store, page)
        ],
    }


def legal_title(page: str) -> str:
    """The name of a legal page."""
    titles = {"imprint": _("Imprint"), "terms": _("Terms"), "privacy": _("Privacy"), "returns": _("Returns")}
    return titles[page]
