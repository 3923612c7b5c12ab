"""Claiming, letting go, and the line: each by JSON with a key, and by a plain form."""

import re
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from liveevents.claims import services
from liveevents.claims.keys import read_key
from liveevents.claims.limits import count_claim, count_joining
from liveevents.claims.services import Claimed
from liveevents.drops.models import Drop
from liveevents.drops.queries import public_drop
from liveevents.web import claim_json
from liveevents.web.claim_json import held_words
from shop.core.errors import Busy, Conflict, Forbidden
from shop.door.address import network_of
from shop.door.shopper import greet, reader, shopper, signed_in
from shop.stock.errors import BadQuantity, NotYours
from shop.stock.services import let_go as let_go_of_hold

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,12}")


@csrf_exempt
@require_POST
def claim(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Take pieces. JSON proves by a header of ours that it is no other site's form; a form by its token."""
    if request.content_type == "application/json":
        said = claim_json.claim(request.META, request.body, drop_id=drop_id)
        return JsonResponse(said.body, status=said.status, headers=said.headers)
    return csrf_protect(_claim_by_form)(request, drop_id)


@require_POST
def line(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Join the line of a sold-out drop, take fewer than one waits for, or leave it."""
    page = _page_of(drop_id)
    try:
        _move_in_line(request, drop_id)
    except (Conflict, Forbidden, Busy) as refusal:
        messages.error(request, refusal.said)
    return page


@require_POST
def let_go(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Give a held piece back before its time; a hold of somebody else is not there."""
    try:
        let_go_of_hold(hold_id=hold_id, shopper=reader(request))
    except NotYours as strange:
        raise Http404 from strange
    except Conflict as refusal:
        messages.error(request, refusal.said)
    back = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_ours else "/", status=303)


def _claim_by_form(request: HttpRequest, drop_id: int) -> HttpResponse:
    page = _page_of(drop_id)
    try:
        claimed = _claim_as_written(request, drop_id)
    except (Conflict, Forbidden, Busy) as refusal:
        messages.error(request, refusal.said)
    else:
        messages.success(request, held_words(claimed))
    return page


def _claim_as_written(request: HttpRequest, drop_id: int) -> Claimed:
    key, quantity = read_key(request.POST.get("key", "")), _written(request.POST.get("quantity", ""))
    shopper_id, network = _claimer(request), network_of(request)
    services.read_notice(drop_id=drop_id, shopper_id=str(shopper_id))
    count_claim(shopper_id=shopper_id, key=key, network=network)
    return services.claim(
        drop_id=drop_id,
        shopper_id=shopper_id,
        key=key,
        quantity=quantity,
        word=request.POST.get("word", ""),
        network=network,
    )


def _move_in_line(request: HttpRequest, drop_id: int) -> None:
    """One call: leave, take fewer, or join with so many."""
    if request.POST.get("leave"):
        services.leave_line(drop_id=drop_id, shopper=reader(request))
        return
    if request.POST.get("fewer"):
        services.take_fewer(drop_id=drop_id, shopper=reader(request))
        return
    waiter_id = _claimer(request)
    count_joining(shopper_id=waiter_id, network=network_of(request))
    place = services.join_line(
        drop_id=drop_id,
        shopper_id=waiter_id,
        quantity=_written(request.POST.get("quantity", "")),
        takes_fewer=request.POST.get("takes_fewer") == "on",
        word=request.POST.get("word", ""),
    )
    messages.success(
        request, _("You joined the line as number {place}.").format(place=place) if place else _("It is yours.")
    )


def _claimer(request: HttpRequest) -> UUID:
    """Who claims. An account's browser is tied to it first, for the limit counts the person."""
    return shopper(request).pk if signed_in(request) else greet(request)


def _written(text: str) -> int:
    """A form's number, from its text."""
    if not WHOLE_NUMBER.fullmatch(text):
        raise BadQuantity(field="quantity")
    return int(text)


def _page_of(drop_id: int) -> HttpResponseRedirect:
    """Back to the drop's show; 404 for a drop that nobody may see."""
    try:
        event = public_drop(drop_id).event
    except Drop.DoesNotExist as absent:
        raise Http404 from absent
    return HttpResponseRedirect(reverse("event", args=[event.store.handle, event.slug]), status=303)
