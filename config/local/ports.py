"""Ports on this machine: below 32768, where no system hands them out by itself."""

import random
import socket
import sys
from collections.abc import Iterator
from typing import Final

INNER_PORTS = range(23000, 24000)
_HELD: Final[list[socket.socket]] = []


def is_free(port: int) -> bool:
    """Whether nobody listens on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports() -> Iterator[int]:
    """Free inner ports in a random order; until this process ends no other copy is given the same ones.

    A copy takes seconds to start, and others may start meanwhile. So each port stays bound here without being listened
    on: Linux lets a server that asks for SO_REUSEADDR (all of ours do) listen beside that, and refuses whoever asks for
    the port without, as this function does. Elsewhere a random choice has to do.
    """
    for port in random.sample(INNER_PORTS, len(INNER_PORTS)):
        mine = socket.socket()
        try:
            mine.bind(("127.0.0.1", port))
        except OSError:
            mine.close()
            continue
        if sys.platform == "linux":
            mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _HELD.append(mine)
        else:
            mine.close()
        yield port
