"""The shopper behind a request: a signed cookie, no row before the first write."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import lru_cache
from math import ceil
from typing import Final

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from shop.accounts.models import Shopper, User
from shop.accounts.queries import find_shopper
from shop.accounts.services import own_shopper_of, shopper_of
from shop.core.limits import TooOften
from shop.core.pace import Pace
from shop.door.address import network_of

COOKIE = "shopper"
LONGEST_COOKIE: Final = 200
META_KEY = "stagedoor.shopper_id"
YEAR_S = 365 * 24 * 3600
SIGNER = signing.Signer(salt="shopper")

# Limits count by shopper, so nobody may be a new one as often as they like. A mobile carrier's thousands may: who is
# no guest cannot claim, and what one address may hold unpaid is limited by itself.
NEW_GUESTS: Final = Pace(name="new guests", per_s=20, burst=5_000)


class ShopperMiddleware:
    """Reads each request's shopper (none for a stranger, or a tampered cookie) and writes a new one back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META[META_KEY] = read_cookie(request.COOKIES.get(COOKIE, ""))
        response = self.get_response(request)
        shopper_id = known_shopper_id(request)
        if shopper_id is None and sent:
            response.delete_cookie(COOKIE, samesite="Lax")
        elif shopper_id and shopper_id != sent:
            write_cookie(response, shopper_id)
        return response


def known_shopper_id(request: HttpRequest) -> uuid.UUID | None:
    """This request's shopper; None for a stranger."""
    found: uuid.UUID | None = request.META.get(META_KEY)
    return found


def greet(request: HttpRequest) -> uuid.UUID:
    """This request's shopper; a stranger gets an id of their own, in a cookie, without a row.

    Raises TooOften(wait_s) where very many strangers came from the same network address.
    """
    shopper_id = known_shopper_id(request) or _new_guest(network_of(request))
    request.META[META_KEY] = shopper_id
    return shopper_id


def greet_onlooker(request: HttpRequest) -> uuid.UUID | None:
    """The same for who only looks: in such a crowd they stay a stranger, and see the page all the same."""
    try:
        return greet(request)
    except TooOften:
        return None


def reader(request: HttpRequest) -> Shopper:
    """Who looks at a page, for queries only: their row, or an unsaved one for a stranger."""
    return find_shopper(shopper_id=known_shopper_id(request), user=signed_in(request))


def shopper(request: HttpRequest) -> Shopper:
    """Who is about to write something, with a row; the browser's cookie follows it."""
    user, known = signed_in(request), known_shopper_id(request)
    with transaction.atomic(durable=True):
        if user and known is None:
            row = own_shopper_of(user)
        else:
            row = shopper_of(shopper_id=known or greet(request), user=user)
    request.META[META_KEY] = row.pk
    return row


def somebody(request: HttpRequest) -> Shopper | None:
    """Who looks at a page, for queries only; None for a visitor like any other.

    Such a one has no session, no message waiting, and never wrote anything as a shopper. No query for who comes the
    first time, one for who was greeted before.
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES or CookieStorage.cookie_name in request.COOKIES:
        return reader(request)
    shopper_id = known_shopper_id(request)
    return Shopper.objects.filter(pk=shopper_id).first() if shopper_id else None


def settle(request: HttpRequest, me: Shopper) -> Shopper:
    """Who looks at a page from which they may claim: a claim knows the cookie and no session.

    A stranger is greeted. Where somebody is signed in and the cookie got lost, or is nobody's or another's, it becomes
    their account's: one write, the first time.
    """
    if signed_in(request) is None:
        greet_onlooker(request)
        return me
    return me if me.pk == known_shopper_id(request) else shopper(request)


def signed_in(request: HttpRequest) -> User | None:
    """The account of this session; None for a guest."""
    return request.user if isinstance(request.user, User) else None


def account_or_404(request: HttpRequest) -> User:
    """The account of this session, on a page that only an account may open: 404 for a guest."""
    user = signed_in(request)
    if user is None:
        raise Http404
    return user


def become(request: HttpRequest, shopper_id: uuid.UUID) -> None:
    """This browser is another shopper from now on."""
    request.META[META_KEY] = shopper_id


def forget(request: HttpRequest) -> None:
    """This browser is a stranger from now on."""
    request.META[META_KEY] = None


def read_cookie(value: str) -> uuid.UUID | None:
    """The shopper's id, or None where the cookie is absent, tampered with or from another deployment."""
    return _unsigned(value) if 0 < len(value) < LONGEST_COOKIE else None


@lru_cache(maxsize=20_000)
def _unsigned(value: str) -> uuid.UUID | None:
    """Kept for the next request of the same browser: a signature costs more than the rest of a thin answer."""
    try:
        return uuid.UUID(SIGNER.unsign(value))
    except (signing.BadSignature, ValueError):
        return None


def write_cookie(response: HttpResponse, shopper_id: uuid.UUID) -> None:
    """Remember the shopper for a year."""
    response.set_cookie(
        COOKIE, SIGNER.sign(str(shopper_id)), max_age=YEAR_S, httponly=True, samesite="Lax", secure=settings.IS_HTTPS
    )


def _new_guest(network: int | None) -> uuid.UUID:
    wait_s = NEW_GUESTS.take(network) if network is not None else 0.0
    if wait_s:
        raise TooOften(wait_s=ceil(wait_s))
    return uuid.uuid4()
