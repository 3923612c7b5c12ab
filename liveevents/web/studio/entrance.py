"""Who may enter the studio, and what surrounds its pages."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from liveevents.drops.models import Drop
from liveevents.drops.queries import drop_of
from liveevents.events.models import LiveEvent
from liveevents.events.queries import event_of
from shop.core.errors import Refusal
from shop.door.shopper import account_or_404
from shop.stores.models import Store
from shop.stores.queries import EVERYTHING, store_for

owners_only = login_required(login_url="account_login")


def store_or_404(request: HttpRequest, handle: str) -> Store:
    """A store that this person owns."""
    try:
        return store_for(account_or_404(request), handle, roles=EVERYTHING)
    except Store.DoesNotExist as absent:
        raise Http404 from absent


def event_or_404(request: HttpRequest, event_id: int) -> LiveEvent:
    """A show of a store that this person owns."""
    try:
        return event_of(user=account_or_404(request), event_id=event_id)
    except LiveEvent.DoesNotExist as absent:
        raise Http404 from absent


def drop_or_404(request: HttpRequest, drop_id: int) -> Drop:
    """A drop in a show of a store that this person owns."""
    try:
        return drop_of(user=account_or_404(request), drop_id=drop_id)
    except Drop.DoesNotExist as absent:
        raise Http404 from absent


def around() -> dict[str, Any]:
    """The studio's navigation."""
    links = [(reverse("studio"), _("Shows"), "camera", True), (reverse("desk"), _("Desk"), "box", False)]
    names = ("url", "label", "icon", "is_current")
    return {"brand_url": reverse("studio"), "nav_links": [dict(zip(names, link, strict=True)) for link in links]}


def tell(form: Any, refusal: Refusal) -> None:
    """Write a refusal at the field that it names, or above the form."""
    field = refusal.details.get("field")
    form.add_error(field if field in form.fields else None, refusal.said)
