"""Every test of stock holds the SQL functions against the table of moves."""

import pytest
from django.db import connection

from shop.stock.states import PIECE_MOVES

WATCH = """
create function watch_moves() returns trigger language plpgsql as $$
begin
    if not (old.state, new.state) in ({moves}) then
        raise exception 'piece %: % does not lead to %', old.id, old.state, new.state;
    end if;
    return new;
end $$;
create trigger watch_moves before update of state on shop_piece
    for each row when (old.state <> new.state) execute function watch_moves();
"""


@pytest.fixture(autouse=True)
def _moves_are_watched(db: None) -> None:
    """Any move that the table does not have fails, for as long as the test's transaction lasts."""
    moves = ", ".join(f"({start:d}, {end:d})" for start, ends in PIECE_MOVES.items() for end in ends)
    with connection.cursor() as cursor:
        cursor.execute(WATCH.format(moves=moves))
