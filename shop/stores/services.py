"""Writes about stores and their teams."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shop.accounts.models import User
from shop.core.errors import Conflict, Invalid
from shop.stores.models import Follow, Member, Role, Store


class InvalidStore(Invalid):
    """Details: `field` the first wrong field, `problems` a sentence for each wrong one by name."""

    code = "invalid_store"


class HandleTaken(Conflict):
    """Another store has this handle."""

    code = "handle_taken"
    sentence = "There is a store at “{handle}” already."


class LastOwner(Conflict):
    """A store always has somebody who may do everything."""

    code = "last_owner"
    sentence = "{store} needs at least one owner."


@transaction.atomic(durable=True)
def open_store(
    *,
    owner: User,
    handle: str,
    name: str,
    currency: str,
    country: str,
    seller: str,
    contact_email: str,
    tagline: str = "",
    about: str = "",
    accent: str = "#b4532a",
    vat_id: str = "",
) -> Store:
    """A new shop front and its first owner; `seller` is the name and address that the law wants on receipts.

    Raises InvalidStore(field, problems), HandleTaken(handle).
    """
    store = Store(
        handle=handle,
        name=name,
        currency=currency,
        country=country,
        seller=seller,
        contact_email=contact_email,
        tagline=tagline,
        about=about,
        accent=accent,
        vat_id=vat_id,
    )
    _check(store)
    try:
        with transaction.atomic():
            store.save()
    except IntegrityError as taken:
        raise HandleTaken(handle=handle, field="handle") from taken
    Member.objects.create(store=store, user=owner, role=Role.OWNER)
    return store


@transaction.atomic(durable=True)
def write_legal_pages(*, store: Store, terms: str, privacy: str, imprint: str, returns: str) -> Store:
    """What the store's legal pages say, as plain text with empty lines between paragraphs."""
    store.terms, store.privacy, store.imprint, store.returns = terms, privacy, imprint, returns
    store.save(update_fields=["terms", "privacy", "imprint", "returns"])
    return store


@transaction.atomic(durable=True)
def close_store(*, store: Store, at: datetime) -> Store:
    """Nobody may visit or buy any more; its team still sees what was sold."""
    store.closed_at = at
    store.save(update_fields=["closed_at"])
    return store


@transaction.atomic(durable=True)
def add_member(*, store: Store, user: User, role: Role) -> Member:
    """Somebody joins the team, or takes another role in it. Raises LastOwner."""
    if role != Role.OWNER:
        _keep_an_owner(store, without=user)
    member, _ = Member.objects.update_or_create(store=store, user=user, defaults={"role": role})
    return member


@transaction.atomic(durable=True)
def follow_store(*, store: Store, user: User) -> None:
    """A person wants to hear of a store; following twice is following once."""
    Follow.objects.bulk_create([Follow(store=store, user=user)], ignore_conflicts=True)


@transaction.atomic(durable=True)
def unfollow_store(*, store: Store, user: User) -> None:
    """They do not any more; nothing happens where they did not."""
    Follow.objects.filter(store=store, user=user).delete()


def _keep_an_owner(store: Store, *, without: User) -> None:
    """The store row is locked first, so that two owners cannot step down at once."""
    Store.objects.select_for_update().get(pk=store.pk)
    owners = set(Member.objects.filter(store=store, role=Role.OWNER).values_list("user_id", flat=True))
    if owners == {without.pk}:
        raise LastOwner(store=store)


def _check(store: Store) -> None:
    try:
        store.clean_fields()
    except ValidationError as refused:
        problems = {field: " ".join(said) for field, said in refused.message_dict.items()}
        field = next(iter(problems))
        raise InvalidStore(problems[field], field=field, problems=problems) from refused
