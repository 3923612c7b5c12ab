"""A gate in front of Django: so many requests are inside at a time, one for each connection to the database.

A web process has more threads than that, so that claims, which wait at a desk of their own, always find one.
"""

import threading
from collections.abc import Iterable
from contextlib import closing
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def with_gate(inner: WSGIApplication, *, at_once: int) -> WSGIApplication:
    """The application with at most so many requests inside; the others wait for their turn.

    An answer leaves in one piece, which the server takes faster too; what streams leaves as it is, outside the gate.
    """
    gate = threading.BoundedSemaphore(at_once)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with gate:
            answer: Any = inner(environ, start_response)
            if getattr(answer, "streaming", False) or not hasattr(answer, "close"):
                return answer  # type: ignore[no-any-return]
            with closing(answer):
                return [b"".join(answer)]

    return application
