"""The thin claim door: a WSGI callable in front of Django that answers claims by JSON itself.

A drop of two hundred pieces is asked by twenty thousand; most of Django's way is for pages. What that way does for
every request happens here too: the host is checked, the answer is logged with the request's id, and counted.
"""

import json
import re
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django_prometheus.middleware import Metrics

from liveevents.web import claim_json
from liveevents.web.claim_json import Said
from shop.core.errors import Invalid
from shop.door.address import address_of_environ

CLAIM: Final = re.compile(r"/drops/([0-9]{1,15})/claim/")
MOST_BYTES: Final = 4_000
HEADERS: Final = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "private, no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
]
LINES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
REQUEST_ID: Final = re.compile(r"[\w.:-]{1,64}")

log = structlog.get_logger(__name__)


class BadHost(Invalid):
    code = "bad_host"
    sentence = "This shop does not answer to that name."


class BadLength(Invalid):
    code = "bad_length"
    sentence = "The request's body is too long, or does not say how long it is."


def with_claim_door(inner: WSGIApplication) -> WSGIApplication:
    """The application with the door in front: claims by JSON are answered here, everything else inside."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = CLAIM.fullmatch(environ.get("PATH_INFO", "")) if environ["REQUEST_METHOD"] == "POST" else None
        if found is None or environ.get("CONTENT_TYPE", "").partition(";")[0].strip() != "application/json":
            return inner(environ, start_response)
        begun, request_id = time.perf_counter(), _request_id(environ)
        said = _claim_or_crash(environ, drop_id=int(found[1]), request_id=request_id)
        body = json.dumps(said.body).encode()
        _tell(environ, said.status, time.perf_counter() - begun, request_id)
        own = [("Content-Length", str(len(body))), ("X-Request-ID", request_id), *said.headers.items()]
        start_response(LINES[said.status], [*HEADERS, *own])
        return [body]

    return application


def _claim_or_crash(environ: WSGIEnvironment, *, drop_id: int, request_id: str) -> Said:
    """A bug is logged here, as Django logs a page's; the same key may be asked again."""
    try:
        return _claim(environ, drop_id=drop_id)
    except Exception:
        log.exception("claim_crashed", request_id=request_id, request=f"POST {environ['PATH_INFO']}")
        return Said(500, {"code": "broken", "message": "Something broke on our side. Press again: it counts once."})


def _claim(environ: WSGIEnvironment, *, drop_id: int) -> Said:
    if not _is_our_host(environ.get("HTTP_HOST", "")):
        return claim_json.refused(BadHost())
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return claim_json.refused(BadLength())
    return claim_json.claim(environ, environ["wsgi.input"].read(int(length)), drop_id=drop_id)


@lru_cache(maxsize=100)
def _is_our_host(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _request_id(environ: WSGIEnvironment) -> str:
    """The edge's id of this request, or a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if REQUEST_ID.fullmatch(given) else str(uuid4())


def _tell(environ: WSGIEnvironment, status: int, took_s: float, request_id: str) -> None:
    """Log and count the request as Django's middleware does every other."""
    count = _counters(status)
    count(took_s)
    tell = log.warning if status >= 400 else log.info
    tell(
        "request_finished",
        request=f"POST {environ['PATH_INFO']}",
        code=status,
        ip=address_of_environ(environ),
        request_id=request_id,
    )


@lru_cache
def _counters(status: int) -> Callable[[float], None]:
    """What counts one claim of this status: the children of the metrics that pages count in, looked up once."""
    metrics, view = Metrics.get_instance(), {"view": "claim", "method": "POST"}
    of_all, answered = metrics.requests_total, metrics.responses_total
    of_status = metrics.responses_by_status_view_method.labels(status=str(status), **view)
    latency = metrics.requests_latency_by_view_method.labels(**view)

    def count(took_s: float) -> None:
        of_all.inc()
        answered.inc()
        of_status.inc()
        latency.observe(took_s)

    return count
