"""Transactions said out loud: what must run inside one, and what must not."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")


def inside_transaction(block: Callable[P, R]) -> Callable[P, R]:
    """A building block: called by use cases, refuses to run where nobody opened a transaction."""

    @wraps(block)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not _in_transaction():
            raise RuntimeError(f"{block.__qualname__} belongs inside a transaction")
        return block(*args, **kwargs)

    return guarded


def outside_transaction(conversation: Callable[P, R]) -> Callable[P, R]:
    """A conversation with an outside system: refuses to run while rows may be locked."""

    @wraps(conversation)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if _in_transaction():
            raise RuntimeError(f"{conversation.__qualname__} must not run inside a transaction")
        return conversation(*args, **kwargs)

    return guarded


def _in_transaction() -> bool:
    """Whether a transaction is open, not counting the one that a test case opens around itself."""
    blocks = getattr(connection, "atomic_blocks", [])
    return any(not getattr(block, "_from_testcase", False) for block in blocks)
