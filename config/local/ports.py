"""Ports on this machine: below 32768, where no system hands them out by itself."""

import random
import socket
from collections.abc import Iterator

INNER_PORTS = range(23000, 24000)


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
    """Free inner ports in a random order, each once, so that copies starting at the same time rarely meet."""
    yield from (port for port in random.sample(INNER_PORTS, len(INNER_PORTS)) if is_free(port))
