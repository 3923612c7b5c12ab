"""A gate in front of Django: so many requests are inside at a time, one for each connection to the database, and so
many wait for their turn; whoever comes then is sent away at once.

A web process has more threads than both together, so that claims, which wait at a desk of their own, always find one.
"""

import threading
from collections.abc import Iterable
from contextlib import closing
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import Counter

SENT_AWAY = Counter("stagedoor_pages_sent_away_total", "Requests that found too many others in front of the pages")
COME_AGAIN: Final = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
    b'<meta name="viewport" content="width=device-width"><title>One moment</title>'
    b"<h1>One moment</h1><p>Very many people are here right now. This page tries again by itself.</p>"
)


def with_gate(inner: WSGIApplication, *, at_once: int, waiting: int) -> WSGIApplication:
    """The application with at most `at_once` requests inside and `waiting` in front of it; to more it says 503.

    An answer leaves in one piece, made inside the gate; what streams leaves as it is, outside of it.
    """
    gate, room = threading.BoundedSemaphore(at_once), threading.BoundedSemaphore(at_once + waiting)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not room.acquire(blocking=False):
            return _send_away(start_response)
        try:
            with gate:
                return _in_one_piece(inner(environ, start_response))
        finally:
            room.release()

    return application


def _in_one_piece(answer: Any) -> Iterable[bytes]:
    if getattr(answer, "streaming", False) or not hasattr(answer, "close"):
        return answer  # type: ignore[no-any-return]
    with closing(answer):
        return [b"".join(answer)]


def _send_away(start_response: StartResponse) -> Iterable[bytes]:
    SENT_AWAY.inc()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(COME_AGAIN))),
        ("Cache-Control", "no-store"),
        ("Retry-After", "2"),
    ]
    start_response("503 Service Unavailable", headers)
    return [COME_AGAIN]
