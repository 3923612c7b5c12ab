"""How a process is known to be ready."""

import http.client
import socket
import time
from collections.abc import Callable
from pathlib import Path

from config.local.say import Trouble


def answers(port: int, path: str, *, host: str = "localhost") -> Callable[[], bool]:
    """Ready when GET `path` on 127.0.0.1:`port` is answered with 200; `host` is the Host header sent along.

    Asking raises Trouble when the answer is 500: that is a mistake in the code, and waiting does not mend it.
    """

    def ask() -> bool:
        knock = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            knock.request("GET", path, headers={"Host": host})
            status = knock.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            knock.close()
        if status == 500:
            raise Trouble(f"a process answers {path} with 500; the reason is in the logs.")
        return status == 200

    return ask


def listens(port: int) -> Callable[[], bool]:
    """Ready when somebody accepts connections on 127.0.0.1:`port`."""

    def knock() -> bool:
        with socket.socket() as probe:
            probe.settimeout(2)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return knock


def says(log: Path, words: str) -> Callable[[], bool]:
    """Ready when `words` are in its log; for processes that answer nobody and say when they have come up."""
    return lambda: log.exists() and words in log.read_text(errors="replace")


def lives_for(seconds: float) -> Callable[[], bool]:
    """Ready when `seconds` have passed since the first question; for processes that answer nobody."""
    asked: list[float] = []

    def look() -> bool:
        asked.append(time.monotonic())
        return asked[-1] - asked[0] >= seconds

    return look
