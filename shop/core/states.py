"""States are tables: one dict of moves for each machine, and one function that makes a move."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import models

Moves = Mapping[Any, frozenset[Any]]


class Stateful(Protocol):
    """A row with a `state` and the table of its moves."""

    pk: Any
    state: Any
    moves: ClassVar[Moves]


Row = TypeVar("Row", bound=Stateful)


class WrongMoveError(RuntimeError):
    """A move that the table does not have: a bug in the caller."""


class MovedAlreadyError(RuntimeError):
    """Somebody else moved the row since it was read: the caller should have locked it."""


def advance(row: Row, to: models.Choices, **stamps: object) -> Row:
    """Move a row to another state and write its stamps, in one conditional UPDATE.

    Raises WrongMoveError where the table has no such move, MovedAlreadyError where the stored state is another.
    """
    if to not in row.moves.get(row.state, frozenset()):
        raise WrongMoveError(f"{type(row).__name__} {row.pk}: {row.state} does not lead to {to}")
    rows = type(row)._default_manager.filter(pk=row.pk, state=row.state)  # type: ignore[attr-defined]
    if not rows.update(state=to, **stamps):
        raise MovedAlreadyError(f"{type(row).__name__} {row.pk} is no longer {row.state}")
    row.state = to
    for name, value in stamps.items():
        setattr(row, name, value)
    return row
