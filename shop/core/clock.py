"""The clocks: the application's for stamps, the database's for whatever is scarce."""

from datetime import UTC, datetime

from django.db import connection
from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """`stagedoor_now()` in a query: the clock that decides openness, expiry and order."""

    function = "stagedoor_now"
    template = "%(function)s()"
    output_field = DateTimeField()


def now() -> datetime:
    """The instant an edge hands to its service as `at`, in UTC."""
    return datetime.now(UTC)


def database_now() -> datetime:
    """The instant by the database's clock, in UTC; one query."""
    with connection.cursor() as cursor:
        cursor.execute("select stagedoor_now()")
        (instant,) = cursor.fetchone()
    return instant  # type: ignore[no-any-return]
