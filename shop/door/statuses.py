"""The HTTP status of each kind of refusal."""

from shop.core.errors import Busy, Conflict, Forbidden, Refusal
from shop.core.limits import TooOften

STATUS = {TooOften: 429, Busy: 503, Forbidden: 403, Conflict: 409}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return next((status for kind, status in STATUS.items() if isinstance(refusal, kind)), 400)
