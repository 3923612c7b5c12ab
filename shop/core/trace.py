"""One request id through web, tick and worker: it is written beside facts and letters, and bound again from there."""

from contextlib import AbstractContextManager, nullcontext

from structlog.contextvars import bound_contextvars, get_contextvars

LONGEST = 64


def request_id() -> str:
    """The id of the request behind what is going on, at most 64 characters; empty where there is none."""
    return str(get_contextvars().get("request_id", ""))[:LONGEST]


def following(request_id: str) -> AbstractContextManager[None]:
    """Everything logged inside carries this request id; nothing changes for an empty one."""
    return bound_contextvars(request_id=request_id) if request_id else nullcontext()
