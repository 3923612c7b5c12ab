"""The pages' one translation of a Refusal: its sentence, on a page that helps."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shop.core.errors import Refusal
from shop.core.limits import TooOften
from shop.door.statuses import status_of


class RefusalMiddleware:
    """Answers a Refusal that a page let through: 403, 409, 429, or 400 where the request makes no sense."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The refusal as a page; None, and so a crash, for anything else."""
        if not isinstance(exception, Refusal):
            return None
        response = render(request, "refused.html", {"refusal": exception}, status=status_of(exception))
        if isinstance(exception, TooOften):
            response.headers["Retry-After"] = str(exception.details["wait_s"])
        return response
