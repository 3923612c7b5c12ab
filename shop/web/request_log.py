"""The one line that the log has of each request."""

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from shop.door.address import client_address


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's middleware, with the address that our own proxies wrote: no stranger names another's."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """What every line of this request says of where it came from."""
        structlog.contextvars.bind_contextvars(
            ip=client_address(request), user_agent=request.META.get("HTTP_USER_AGENT")
        )
