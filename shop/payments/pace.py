"""How fast Stripe is called by all processes together: each call takes the next free turn and waits for it.

Turns are rows in PostgreSQL, each the instant at which its next call may leave, so the pace holds for workers, tick and
web alike, and without Redis. Calls leave evenly spaced (the generic cell rate algorithm without a burst,
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): there is no second in which twice as many leave.
"""

import re
import time
from urllib.parse import urlsplit

from django.db import connection

from shop.core.db import outside_transaction

# Below Stripe's limits in live mode, 100/s for an account and 25/s for an endpoint, which count all that use the
# account: https://docs.stripe.com/rate-limits
ACCOUNT_A_SECOND = 80
ENDPOINT_A_SECOND = 20
ACCOUNT = "account"
_IDS = re.compile(r"/(cs|pi|re)_\w+")
_TAKE = """
    insert into shop_turn as turn (name, next_at) values (%(name)s, clock_timestamp() + %(every_s)s * interval '1 s')
    on conflict (name) do update set next_at = greatest(turn.next_at, clock_timestamp()) + %(every_s)s * interval '1 s'
    where turn.next_at <= clock_timestamp() + %(most_s)s * interval '1 s'
    returning extract(epoch from next_at - clock_timestamp())::float8 - %(every_s)s
"""


class NoTurn(Exception):
    """The next turn is too far away: nothing was called."""


@outside_transaction
def wait_for_turn(*, method: str, url: str, most_s: float) -> None:
    """Sleep until this call may leave, about `most_s` seconds for each limit. Raises NoTurn where it takes longer."""
    for name, a_second in ((endpoint_of(method, url), ENDPOINT_A_SECOND), (ACCOUNT, ACCOUNT_A_SECOND)):
        time.sleep(_take(name, every_s=1 / a_second, most_s=most_s))


def endpoint_of(method: str, url: str) -> str:
    """What Stripe counts together: "POST /v1/payment_intents/:id/capture"."""
    return f"{method.upper()} {_IDS.sub('/:id', urlsplit(url).path)}"


def _take(name: str, *, every_s: float, most_s: float) -> float:
    """Reserve the next turn by one statement that commits by itself; in how many seconds it is."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"name": name, "every_s": every_s, "most_s": most_s})
        turn = cursor.fetchone()
    if turn is None:
        raise NoTurn(name)
    return max(0.0, float(turn[0]))
