"""What a page inside a store shows around its content."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from shop.stores.models import Store

LEGAL_PAGES = ("imprint", "terms", "privacy", "returns")


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
