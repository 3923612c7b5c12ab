"""How often somebody may do something: tallies in PostgreSQL, one atomic statement each, so no Redis is needed."""

from dataclasses import dataclass
from math import ceil

from django.db import connection, models
from django.utils.crypto import salted_hmac

from shop.core.clock import DatabaseNow
from shop.core.errors import Forbidden

COUNT_UP = """
    insert into shop_tally as tally (key, times, ends_at)
    values (%s, 1, stagedoor_now() + make_interval(secs => %s))
    on conflict (key) do update set
        times = case when tally.ends_at <= stagedoor_now() then 1 else tally.times + 1 end,
        ends_at = case when tally.ends_at <= stagedoor_now() then excluded.ends_at else tally.ends_at end
    returning times, extract(epoch from ends_at - stagedoor_now())
"""


class TooOften(Forbidden):
    """The limit is reached; `wait_s` in details says in how many seconds it opens again."""

    code = "too_often"
    sentence = "That was tried too often. Please wait a little and try again."


class Tally(models.Model):
    """How often it was done since a window began. The key is a digest: no address or e-mail is kept."""

    key = models.CharField(primary_key=True, max_length=80)
    times = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "shop"


@dataclass(frozen=True)
class Limit:
    """So many times in a window that begins with the first of them."""

    name: str
    times: int
    window_s: int


def count(*, limit: Limit, who: str) -> None:
    """Count one more time for this person, address or whatever names them.

    Raises TooOften(wait_s) past the limit. Called by edges before the use case, so a refusal does not uncount it.
    """
    key = f"{limit.name}:{salted_hmac('limits', who).hexdigest()}"
    with connection.cursor() as cursor:
        cursor.execute(COUNT_UP, [key, limit.window_s])
        times, left_s = cursor.fetchone()
    if times > limit.times:
        raise TooOften(wait_s=ceil(left_s))


def forget_past() -> int:
    """Delete the tallies whose window is over; how many. A daily chore."""
    deleted, _ = Tally.objects.filter(ends_at__lte=DatabaseNow()).delete()
    return deleted
