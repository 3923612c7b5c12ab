"""Claiming, letting go, and the line: each by JSON with a key, and by a plain form."""

import json
import re
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from liveevents.claims import services
from liveevents.claims.keys import read_key
from liveevents.claims.services import Claimed
from liveevents.drops.models import Drop
from liveevents.drops.queries import public_drop
from shop.core.errors import Conflict, Forbidden, Invalid, Refusal
from shop.door.shopper import greet, reader, shopper, signed_in
from shop.door.statuses import status_of
from shop.stock.errors import BadQuantity, NotYours, UnknownSale
from shop.stock.services import let_go as let_go_of_hold

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,12}")


class BadBody(Invalid):
    code = "bad_body"
    sentence = "The request's body is not a JSON object."


class NotFromHere(Forbidden):
    code = "not_from_here"
    sentence = "The request did not come from one of our pages."


@csrf_exempt
@require_POST
def claim(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Take pieces. JSON proves by a header of ours that it is no other site's form; a form by its token."""
    if request.content_type == "application/json":
        return _claim_by_json(request, drop_id)
    return csrf_protect(_claim_by_form)(request, drop_id)


@require_POST
def line(request: HttpRequest, drop_id: int) -> HttpResponse:
    """Join the line of a sold-out drop, or leave it."""
    page = _page_of(drop_id)
    try:
        _move_in_line(request, drop_id)
    except Conflict as refusal:
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


def _claim_by_json(request: HttpRequest, drop_id: int) -> JsonResponse:
    try:
        _check_origin(request)
        claimed = services.claim(
            drop_id=drop_id,
            shopper_id=_claimer(request),
            key=read_key(request.headers.get("Idempotency-Key", "")),
            quantity=_whole(_body(request).get("quantity")),
        )
    except Refusal as refusal:
        return JsonResponse(
            {"code": refusal.code, "message": refusal.said, **refusal.details}, status=_status_of(refusal)
        )
    return JsonResponse({**_answer(claimed), "message": _said(claimed)})


def _claim_by_form(request: HttpRequest, drop_id: int) -> HttpResponse:
    page = _page_of(drop_id)
    try:
        claimed = services.claim(
            drop_id=drop_id,
            shopper_id=_claimer(request),
            key=read_key(request.POST.get("key", "")),
            quantity=_written(request.POST.get("quantity", "")),
        )
    except Conflict as refusal:
        messages.error(request, refusal.said)
    else:
        messages.success(request, _said(claimed))
    return page


def _move_in_line(request: HttpRequest, drop_id: int) -> None:
    """One call: leave, or join with so many."""
    if request.POST.get("leave"):
        services.leave_line(drop_id=drop_id, shopper=reader(request))
        return
    place = services.join_line(
        drop_id=drop_id,
        shopper_id=_claimer(request),
        quantity=_written(request.POST.get("quantity", "")),
        takes_fewer=request.POST.get("takes_fewer") == "on",
    )
    messages.success(request, _("You are number {place} in line.").format(place=place) if place else _("It is yours."))


def _claimer(request: HttpRequest) -> UUID:
    """Who claims. An account's browser is tied to it first, for the limit counts the person."""
    return shopper(request).pk if signed_in(request) else greet(request)


def _check_origin(request: HttpRequest) -> None:
    """Another site's page cannot set a header of ours without asking us first, and we never allow it."""
    is_ours = request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    if request.headers.get("X-Stagedoor") != "1" or not is_ours:
        raise NotFromHere


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as unreadable:
        raise BadBody from unreadable
    if not isinstance(body, dict):
        raise BadBody
    return body


def _whole(quantity: object) -> int:
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        raise BadQuantity(field="quantity")
    return quantity


def _written(text: str) -> int:
    """A form's number, from its text."""
    if not WHOLE_NUMBER.fullmatch(text):
        raise BadQuantity(field="quantity")
    return int(text)


def _status_of(refusal: Refusal) -> int:
    return 404 if isinstance(refusal, UnknownSale) else status_of(refusal)


def _answer(claimed: Claimed) -> dict[str, Any]:
    return {
        "drop": claimed.drop_id,
        "hold": claimed.hold_id,
        "numbers": claimed.numbers,
        "prices": [asdict(price) for price in claimed.prices],
        "held_ms": claimed.held_ms,
    }


def _said(claimed: Claimed) -> str:
    numbers = ", ".join(str(number) for number in claimed.numbers)
    said = ngettext("Piece {numbers} is held for you.", "Pieces {numbers} are held for you.", len(claimed.numbers))
    return said.format(numbers=numbers)


def _page_of(drop_id: int) -> HttpResponseRedirect:
    """Back to the drop's show; 404 for a drop that nobody may see."""
    try:
        event = public_drop(drop_id).event
    except Drop.DoesNotExist as absent:
        raise Http404 from absent
    return HttpResponseRedirect(reverse("event", args=[event.store.handle, event.slug]), status=303)
