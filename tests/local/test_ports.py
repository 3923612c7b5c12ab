"""Ports that two copies starting at the same time do not both get."""

import socket
import subprocess
import sys

import pytest

from config.local import ports
from config.local.place import ROOT
from config.local.ports import free_ports, is_free


def test_no_other_copy_is_given_what_this_one_holds() -> None:
    free = free_ports()
    mine = {next(free) for _ in range(5)}

    program = [sys.executable, "-c", "from config.local.ports import free_ports; print(sorted(free_ports()))"]
    theirs = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)

    assert not any(str(port) in theirs.stdout for port in mine)


def test_a_server_can_listen_on_what_this_copy_holds() -> None:
    port = next(free_ports())

    with socket.create_server(("127.0.0.1", port)) as server:
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
        assert not is_free(port)


def test_what_somebody_listens_on_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(ports, "INNER_PORTS", [taken.getsockname()[1]])

        assert list(free_ports()) == []
