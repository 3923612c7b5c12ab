"""Who asks: the same shopper cookie and session as the pages."""

from django.http import HttpRequest
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from shop.accounts.models import User

SIGNED_IN = [IsAuthenticated]


def plain(request: Request) -> HttpRequest:
    """Django's request below DRF's, which the pages' functions take."""
    inner: HttpRequest = request._request
    inner.user = request.user
    return inner


def account(request: Request) -> User:
    """The signed-in person; only behind SIGNED_IN."""
    assert isinstance(request.user, User)
    return request.user
