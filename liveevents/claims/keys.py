"""The key of a claim: with it, asking twice counts once."""

from uuid import UUID

from shop.core.errors import Invalid


class NoKey(Invalid):
    """The request names itself by nothing, or by no UUID."""

    code = "no_key"
    sentence = "The request needs a UUID as its Idempotency-Key, so that asking twice counts once."


def read_key(text: str) -> UUID:
    """The UUID that a request sent as its key. Raises NoKey(field="key")."""
    try:
        return UUID(text)
    except ValueError as unreadable:
        raise NoKey(field="key") from unreadable
