"""Accounts and shoppers."""

from itertools import count

from shop.accounts.models import Shopper, User

_NUMBERS = count(1)


def user(email: str = "", name: str = "") -> User:
    """An account."""
    return User.objects.create_user(email or f"person{next(_NUMBERS)}@stagedoor.example", name=name)


def shopper(of: User | None = None) -> Shopper:
    """A browser, a guest's or of an account."""
    return Shopper.objects.create(user=of)
