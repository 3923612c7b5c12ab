"""What a process tells about itself, on an address of its own: /metrics for Prometheus, /healthz for a supervisor."""

import errno
import os
import threading
from collections.abc import Callable, Iterable
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, make_wsgi_app, multiprocess
from prometheus_client.exposition import ThreadingWSGIServer

from config.inspecting import Inspected

LEADING = Gauge("stagedoor_tick_leading", "1 while this tick leads")
OWED = Gauge("stagedoor_tick_owed", "Rows that owe somebody something", ["errand"])
CHORE_SECONDS = Histogram("stagedoor_tick_chore_seconds", "How long one run of a chore took", ["chore"])
CHORE_FAILURES = Counter("stagedoor_tick_chore_failures_total", "Runs of a chore that failed", ["chore"])


class Silent(WSGIRequestHandler):
    """Logs nothing: a supervisor looks every few seconds."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def serve(*, address: str, port: int, is_well: Callable[[], bool]) -> None:
    """Answer on this port from a thread: /healthz with 200 or 503, anything else with the metrics.

    Of several workers of one server the first to come gets the port; with PROMETHEUS_MULTIPROC_DIR it tells of all.
    """
    metrics = make_wsgi_app(_registry())

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/healthz":
            return metrics(environ, start)  # type: ignore[no-any-return]
        well = is_well()
        start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"ok\n" if well else b"not well\n"]

    try:
        server = make_server(address, port, answer, server_class=ThreadingWSGIServer, handler_class=Silent)
    except OSError as taken:
        if taken.errno != errno.EADDRINUSE:
            raise
        return
    threading.Thread(target=server.serve_forever, name="monitor", daemon=True).start()


def _registry() -> CollectorRegistry:
    """This process's figures, or those of every worker that writes into the shared folder; and the last inspection."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    registry.register(Inspected())
    return registry
