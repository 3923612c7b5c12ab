"""The life of a piece, and how a hold ends."""

from django.db import models

from shop.core.states import Moves


class PieceState(models.IntegerChoices):
    """Where a piece is. The numbers are what the SQL functions write."""

    FREE = 0, "free"
    HELD = 1, "held"
    PAYING = 2, "being paid"
    SOLD = 3, "sold"
    WITHDRAWN = 4, "back in stock"
    WRITTEN_OFF = 5, "written off"


PIECE_MOVES: Moves = {
    PieceState.FREE: frozenset({PieceState.HELD, PieceState.WITHDRAWN}),
    PieceState.HELD: frozenset({PieceState.FREE, PieceState.PAYING}),
    PieceState.PAYING: frozenset({PieceState.HELD, PieceState.FREE, PieceState.SOLD}),
    PieceState.SOLD: frozenset({PieceState.FREE, PieceState.WITHDRAWN, PieceState.WRITTEN_OFF}),
    PieceState.WITHDRAWN: frozenset(),
    PieceState.WRITTEN_OFF: frozenset(),
}
OWNED_STATES = (PieceState.HELD, PieceState.PAYING, PieceState.SOLD)
FREE_STATES = (PieceState.FREE, PieceState.WITHDRAWN, PieceState.WRITTEN_OFF)


class Ending(models.TextChoices):
    """Why a hold is over."""

    SOLD = "sold"
    LET_GO = "let_go"
    EXPIRED = "expired"
    UNPAID = "unpaid"
