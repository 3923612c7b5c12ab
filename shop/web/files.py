"""Fetching what was bought: Django checks who asks, the edge in front sends the file, ranges and all."""

import mimetypes
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from shop.catalog.models import DigitalFile
from shop.downloads import link
from shop.downloads.models import Right
from shop.downloads.queries import file_to_fetch
from shop.downloads.services import fetch
from shop.web.caching import secret
from shop.web.orders import order_or_404

PRIVATE = "/private/"


@require_safe
@secret
def fetch_file(request: HttpRequest, token: str, right: int, file: int) -> HttpResponse:
    """From an order's page to a link that is fresh: it lasts ten minutes. 404 for what the order does not open."""
    try:
        found, wanted = file_to_fetch(order=order_or_404(token), right_id=right, file_id=file)
    except (Right.DoesNotExist, DigitalFile.DoesNotExist) as absent:
        raise Http404 from absent
    return redirect("send_file", link.sign(right_id=found.pk, file_id=wanted.pk), wanted.name)


@require_safe
@secret
def send_file(request: HttpRequest, signed: str, name: str) -> HttpResponse:
    """The file behind a signed link, while its right is good. An old, tampered or revoked one is as if absent."""
    ids = link.read(signed)
    if ids is None:
        return _gone(request)
    try:
        wanted = fetch(right_id=ids[0], file_id=ids[1])
    except (Right.DoesNotExist, DigitalFile.DoesNotExist):
        return _gone(request)
    return _hand_over(wanted)


def _hand_over(wanted: DigitalFile) -> HttpResponse:
    """An empty answer that names the file to the edge. Always saved, never shown: it may be somebody's HTML."""
    kind, _encoding = mimetypes.guess_type(wanted.name)
    response = HttpResponse(content_type=kind or "application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=wanted.name) or ""
    response.headers["X-Accel-Redirect"] = PRIVATE + quote(str(wanted.file.name))
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/file_gone.html", status=404)
