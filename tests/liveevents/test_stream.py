"""The live process answers, whatever else is busy."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from liveevents.stream.server import application


def ask(scope: dict[str, Any], *received: dict[str, Any]) -> list[Any]:
    sent: list[Any] = []
    inbox = iter(received)

    async def receive() -> Any:
        return next(inbox)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/live/healthz", 200, b"ok"), ("/live/", 404, b"not found"), ("/", 404, b"not found")],
)
def test_it_says_that_it_is_up_and_knows_nothing_else(path: str, status: int, body: bytes) -> None:
    head, content = ask({"type": "http", "path": path})

    assert (head["status"], content["body"]) == (status, body)


def test_it_starts_and_stops_with_its_server() -> None:
    sent = ask({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})

    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_websocket_is_closed() -> None:
    assert [message["type"] for message in ask({"type": "websocket", "path": "/live/"})] == ["websocket.close"]


def test_no_django_is_in_it() -> None:
    program = "import sys, liveevents.stream.server; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
