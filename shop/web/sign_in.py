"""How allauth signs people up and in here: by a code, without a password; and what that means for the shopper."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from shop.accounts.models import User
from shop.accounts.services import welcome
from shop.door.address import client_address
from shop.door.shopper import become, forget, known_shopper_id

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(request: HttpRequest, user: User) -> None:
    """Open a session for somebody who has proven who they are, and make this browser one of their shoppers."""
    login(request, user, backend=BACKEND)
    become(request, welcome(shopper_id=known_shopper_id(request) or uuid4(), user=user).pk)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's flow with our words: it calls these methods, nothing else does."""

    def pre_login(
        self, request: HttpRequest, user: User, *, email: str | None, signup: bool, **asked: Any
    ) -> HttpResponse | None:
        """The code sent to this address was right, which proves it: an account that was made for somebody
        (staff, the demo's people) needs no second code."""
        if email and not signup and not EmailAddress.objects.filter(user=user).exists():
            EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
        refused: HttpResponse | None = super().pre_login(request, user, email=email, signup=signup, **asked)
        return refused

    def login(self, request: HttpRequest, user: User) -> None:
        """The code was right."""
        sign_in(request, user)

    def logout(self, request: HttpRequest) -> None:
        """The next guest of this browser is a stranger: nothing of the account stays behind."""
        super().logout(request)
        forget(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """What the limits count by, seen past our own proxies only."""
        return client_address(request)

    def format_email_subject(self, subject: str) -> str:
        """The subject as its template says it, without a prefix."""
        return str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail with the address of the page that the reader probably wants."""
        super().send_mail(template_prefix, email, {"site_links": _links(self.request), **context})

    def send_account_already_exists_mail(self, email: str) -> None:
        """Somebody signed up with an address that has an account: its owner is told how to sign in."""
        self.send_mail("account/email/account_already_exists", email, {})


def _links(request: HttpRequest) -> dict[str, str]:
    return {name: request.build_absolute_uri(reverse(f"account_{name}")) for name in ("login", "signup")}
