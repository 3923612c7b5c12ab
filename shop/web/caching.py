"""What browsers and proxies may keep: every page is one person's, and pages behind a secret link leave no trace."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class CacheControlMiddleware:
    """Whatever did not decide for itself may be kept by the reader's own browser, which asks again each time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def secret(view: View[P]) -> View[P]:
    """A page whose address is its key: kept nowhere, indexed nowhere, told to no other site.

    `same-origin` rather than `no-referrer`, with which browsers send forms as from Origin "null" and the check
    against forged forms fails; neither tells another site anything.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return cast(View[P], guarded)
