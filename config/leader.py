"""One tick of many leads: whoever holds a lock of PostgreSQL that ends with its connection."""

import structlog
from django.db import DatabaseError, connection

LEADER_LOCK = 0x57A6ED00

log = structlog.get_logger(__name__)


class Leadership:
    """Whether this process leads. `look()` once a second, always from the same thread: it owns the connection."""

    def __init__(self) -> None:
        self.is_leading = False

    def look(self) -> bool:
        """Take the lead if it is free, see that it was not lost; whether we lead now; no database, no lead."""
        try:
            leads = self._still_there() if self.is_leading else self._take()
        except DatabaseError as failure:
            log.warning("database_away", why=str(failure).strip())
            connection.close()
            leads = False
        if leads != self.is_leading:
            log.info("leading" if leads else "not_leading")
        self.is_leading = leads
        return leads

    def leave(self) -> None:
        """Give the lead to whoever waits for it."""
        connection.close()
        self.is_leading = False

    def _take(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s)", [LEADER_LOCK])
            (taken,) = cursor.fetchone()
        return bool(taken)

    def _still_there(self) -> bool:
        """The session that holds the lock answers. Django opens no other behind our back: nobody closed this one."""
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        return True
