"""Reads about people."""

from uuid import UUID

from shop.accounts.models import Shopper, User


def find_shopper(*, shopper_id: UUID | None, user: User | None) -> Shopper:
    """The shopper who looks at a page, for reading only: the row where there is one, else an unsaved one.

    Somebody who is signed in is never shown another account's shopper, whatever the cookie says.
    """
    known = Shopper.objects.filter(pk=shopper_id).first() if shopper_id else None
    if known and (user is None or known.user_id == user.pk):
        return known
    if user is not None:
        return Shopper(user=user)
    return Shopper(pk=shopper_id) if shopper_id else Shopper()


def person_ids(shopper: Shopper) -> list[UUID]:
    """The ids of every shopper of the same person: all of the account's, or this one alone; it may be unsaved."""
    if shopper.user_id is None:
        return [shopper.pk]
    return list(Shopper.objects.filter(user_id=shopper.user_id).values_list("pk", flat=True))
