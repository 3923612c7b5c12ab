"""Lists of parcels, one parcel on the table, its slip, and its moves."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from shop.accounts.models import User
from shop.core import clock
from shop.core.errors import Refusal
from shop.door.shopper import account_or_404
from shop.door.statuses import status_of
from shop.fulfilment import services
from shop.fulfilment.models import Parcel
from shop.fulfilment.queries import items_to_pack, next_to_pack, orders_in, parcels_of, stores_to_pack_for
from shop.fulfilment.states import ParcelState
from shop.fulfilment.words import happened_to
from shop.payments.queries import refunds_failed
from shop.web.desk.entrance import LISTS, around, list_names, parcel_or_404, staff_only, store_or_404
from shop.web.desk.forms import MissingForm, ShipForm

ON_A_PAGE = 50
LAST_CARRIER = "desk_carrier"


def ticked(request: HttpRequest) -> dict[int, int]:
    """What the packer ticked: units by parcel item, from boxes whose value is "item:units"."""
    pairs = [box.partition(":") for box in request.POST.getlist("item")]
    return {int(item): int(units) for item, _colon, units in pairs if item.isdecimal() and units.isdecimal()}


Step = Callable[[Parcel, HttpRequest, User], Parcel]
STEPS: dict[str, Step] = {
    "pack": lambda parcel, request, by: services.pack(parcel=parcel, contents=ticked(request), by=by, at=clock.now()),
    "unpack": lambda parcel, request, by: services.unpack(parcel=parcel),
    "missing": lambda parcel, request, by: services.report_missing(parcel=parcel, note=request.POST.get("note", "")),
    "found": lambda parcel, request, by: services.report_found(parcel=parcel),
    "ship": lambda parcel, request, by: services.ship(
        parcel=parcel,
        carrier=request.POST.get("carrier", ""),
        tracking_number=request.POST.get("tracking_number", ""),
        at=clock.now(),
    ),
    "unship": lambda parcel, request, by: services.unship(parcel=parcel),
    "deliver": lambda parcel, request, by: services.deliver(parcel=parcel, at=clock.now()),
    "undeliver": lambda parcel, request, by: services.undeliver(parcel=parcel),
}
SAID = {
    "pack": gettext_lazy("Packed."),
    "unpack": gettext_lazy("Opened again."),
    "missing": gettext_lazy("Set aside."),
    "found": gettext_lazy("Back on the table."),
    "ship": gettext_lazy("Handed over. The buyer gets a mail."),
    "unship": gettext_lazy("Back at the desk."),
    "deliver": gettext_lazy("Delivered."),
    "undeliver": gettext_lazy("On its way again."),
}
FORMS: dict[str, type[forms.Form]] = {"ship": ShipForm, "missing": MissingForm}


@staff_only
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The stores that this person packs for; straight to the only one. 404 for who packs for none."""
    stores = list(stores_to_pack_for(account_or_404(request)))
    if not stores:
        raise Http404
    if len(stores) == 1:
        return redirect("desk_list", stores[0].handle, "to-pack")
    return render(request, "desk/stores.html", {"stores": stores})


@staff_only
@require_safe
def parcel_list(request: HttpRequest, store: str, kind: str) -> HttpResponse:
    """The parcels of a store in one state, the oldest first."""
    if kind not in LISTS:
        raise Http404
    mine = store_or_404(request, store)
    found = parcels_of(user=account_or_404(request), store=mine, state=LISTS[kind])
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **around(mine, current=kind),
        "page": page,
        "kind": kind,
        "title": list_names()[kind],
        "failed_refunds": refunds_failed(mine),
    }
    return render(request, "desk/parcels.html", context)


@staff_only
@require_safe
def parcel_page(request: HttpRequest, store: str, parcel_id: int) -> HttpResponse:
    """One parcel: what goes in, and what may be done with it now."""
    return render(request, "desk/parcel.html", _told(request, parcel_or_404(request, store, parcel_id)))


@staff_only
@require_safe
def slip(request: HttpRequest, store: str, parcel_id: int) -> HttpResponse:
    """What lies in the parcel, on paper, without prices."""
    parcel = parcel_or_404(request, store, parcel_id)
    back_url = reverse("desk_parcel", args=[store, parcel_id])
    context = {"parcel": parcel, "items": items_to_pack(parcel), "orders": orders_in(parcel), "back_url": back_url}
    return render(request, "desk/slip.html", context)


@staff_only
@require_POST
def move(request: HttpRequest, store: str, parcel_id: int, step: str) -> HttpResponse:
    """One step of a parcel; a refusal shows the parcel as it is now, and says why nothing was changed."""
    if step not in STEPS:
        raise Http404
    parcel = parcel_or_404(request, store, parcel_id)
    try:
        STEPS[step](parcel, request, account_or_404(request))
    except Refusal as refused:
        return _refused(request, parcel_or_404(request, store, parcel_id), step, refused)
    if step == "ship":
        request.session[LAST_CARRIER] = request.POST["carrier"]
    messages.success(request, SAID[step])
    return redirect("desk_parcel", store, parcel_id)


def _refused(request: HttpRequest, parcel: Parcel, step: str, refused: Refusal) -> HttpResponse:
    """The page again, with the refusal at the field that it names or above everything, and the ticks as they were."""
    field = str(refused.details.get("field", ""))
    context = {**_told(request, parcel), "ticked": ticked(request)}
    if step in FORMS and field:
        form = FORMS[step](request.POST)
        form.is_valid()
        form.errors.pop(field, None)
        form.add_error(field, refused.said)
        context[f"{step}_form"] = form
    else:
        context["refused"] = refused.said
    return render(request, "desk/parcel.html", context, status=status_of(refused))


def _told(request: HttpRequest, parcel: Parcel) -> dict[str, Any]:
    """What the parcel's template wants to know."""
    kind = next((kind for kind, state in LISTS.items() if state == parcel.state), "")
    return {
        **around(parcel.store, current=kind),
        "parcel": parcel,
        "happened": happened_to(parcel),
        "items": items_to_pack(parcel),
        "orders": orders_in(parcel),
        "kind": kind,
        "kind_name": list_names().get(kind, _("Nothing to send")),
        "is_to_pack": parcel.state == ParcelState.TO_PACK,
        "next_parcel": next_to_pack(user=account_or_404(request), store=parcel.store, but=parcel),
        "ship_form": ShipForm(initial={"carrier": request.session.get(LAST_CARRIER, "")}),
        "missing_form": MissingForm(),
        "ticked": {},
    }
