"""Writes about people: the shopper of a browser and its account."""

from uuid import UUID

from django.db import transaction

from shop.accounts.models import Shopper, User
from shop.core.clock import DatabaseNow
from shop.core.db import inside_transaction


@transaction.atomic(durable=True)
def welcome(*, shopper_id: UUID, user: User) -> Shopper:
    """Somebody signed in: the shopper of this browser from now on, tied to their account."""
    return shopper_of(shopper_id=shopper_id, user=user)


@inside_transaction
def shopper_of(*, shopper_id: UUID, user: User | None) -> Shopper:
    """The shopper who is about to write something, its row made if this is the first time.

    A shopper of nobody gets the account that is signed in. One that belongs to another account is left alone,
    and the account's own latest shopper (or a new one) is returned instead: callers keep the id they get.
    Without an account the browser's shopper stays whose it is: a session may end, the cookie still proves the browser.
    """
    shopper, _ = Shopper.objects.get_or_create(pk=shopper_id, defaults={"user": user})
    if user is None or shopper.user_id == user.pk:
        return shopper
    if Shopper.objects.filter(pk=shopper.pk, user=None).update(user=user, user_since=DatabaseNow()):
        shopper.user = user
        return shopper
    return own_shopper_of(user)


@inside_transaction
def own_shopper_of(user: User) -> Shopper:
    """The account's own latest shopper, for a browser that is nobody's; a new one where it has none."""
    latest = Shopper.objects.filter(user=user).order_by("-first_seen_at", "id").first()
    return latest or Shopper.objects.create(user=user)
