"""The store that an address names."""

from django.http import Http404

from shop.stores.models import Store
from shop.stores.queries import store_front


def store_or_404(handle: str) -> Store:
    """The open store of this handle, else 404."""
    try:
        return store_front(handle)
    except Store.DoesNotExist as absent:
        raise Http404 from absent
