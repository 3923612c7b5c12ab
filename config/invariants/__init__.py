"""What must always be true, each as one query that finds the rows where it is not.

ALWAYS holds at every instant, also in a backup. IN_TIME names what is done within seconds while tick runs. Each query
is a statement of its own: none keeps a snapshot open while the next one runs.
"""

from collections.abc import Mapping
from typing import Final

from django.db import connection

from config.invariants.facts import FACTS, FACTS_IN_TIME
from config.invariants.goods import GOODS, GOODS_IN_TIME
from config.invariants.line import LINE, LINE_IN_TIME
from config.invariants.money import MONEY
from config.invariants.pieces import PIECES
from config.invariants.record import RECORD, RECORD_IN_TIME

ALWAYS: Final[Mapping[str, str]] = PIECES | LINE | MONEY | GOODS | FACTS | RECORD
IN_TIME: Final[Mapping[str, str]] = LINE_IN_TIME | GOODS_IN_TIME | FACTS_IN_TIME | RECORD_IN_TIME
INVARIANTS: Final[Mapping[str, str]] = {**ALWAYS, **IN_TIME}


def broken_invariants(
    invariants: Mapping[str, str] = INVARIANTS, *, most: int = 20
) -> dict[str, list[tuple[object, ...]]]:
    """The rows, at most so many each, where an invariant does not hold; empty when all is well. One query each."""
    broken = {}
    with connection.cursor() as cursor:
        for name, sql in invariants.items():
            cursor.execute(sql)
            if rows := cursor.fetchmany(most):
                broken[name] = rows
    return broken
