"""Which stores there are, and for whom."""

from collections.abc import Collection
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from shop.accounts.models import User
from shop.stores.models import Follow, Role, Store

# Who may do what: a moderator sees neither money nor the desk.
EVERYTHING: Final = frozenset({Role.OWNER})
DESK: Final = frozenset({Role.OWNER, Role.FULFILMENT})
TALK: Final = frozenset({Role.OWNER, Role.MODERATOR})
TEAM: Final = frozenset(Role)


def open_stores() -> QuerySet[Store]:
    """The stores that anybody may visit."""
    return Store.objects.filter(closed_at=None)


def store_front(handle: str) -> Store:
    """An open store by its handle. Raises Store.DoesNotExist."""
    return open_stores().get(handle=handle)


def stores_of(user: User | AnonymousUser, *, roles: Collection[Role] = TEAM) -> QuerySet[Store]:
    """The stores in which a person has one of these roles, closed ones too; none for who is not signed in."""
    if user.pk is None:
        return Store.objects.none()
    return Store.objects.filter(members__user=user.pk, members__role__in=roles).order_by("name", "pk")


def store_for(user: User | AnonymousUser, handle: str, *, roles: Collection[Role]) -> Store:
    """A store by its handle, for a person with one of these roles in it.

    Raises Store.DoesNotExist, as for a store that does not exist: a stranger learns nothing.
    """
    return stores_of(user, roles=roles).get(handle=handle)


def follows(user: User | AnonymousUser, store: Store) -> bool:
    """Whether a person follows a store; False for who is not signed in."""
    return user.pk is not None and Follow.objects.filter(user=user.pk, store=store).exists()


def followed_by(user: User) -> QuerySet[Follow]:
    """What a person follows, with the store of each; the latest first, closed stores left out."""
    return (
        Follow.objects.filter(user=user, store__closed_at=None).select_related("store").order_by("-followed_at", "-pk")
    )


def followers_of(store: Store) -> int:
    """How many people follow a store."""
    return Follow.objects.filter(store=store).count()


def with_followers(stores: QuerySet[Store]) -> QuerySet[Store]:
    """These stores, each with how many people follow it as `followers`."""
    return stores.annotate(followers=Count("follows", distinct=True))
