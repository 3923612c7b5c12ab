"""What a visitor hears while the database is away, or keeps somebody waiting too long: come again in a moment."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from config.gate import COME_AGAIN


def crashed(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After where the database could not be asked; 500 for a bug."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return HttpResponse(COME_AGAIN, status=503, headers={"Retry-After": "2", "Cache-Control": "no-store"})
    return server_error(request)
