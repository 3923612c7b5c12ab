"""What tick tells about itself."""

import socket
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from config.monitor import LEADING, serve


@pytest.mark.django_db(transaction=True)
def test_health_and_figures_have_an_address_of_their_own() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    health = [True]
    serve(address="127.0.0.1", port=port, is_well=lambda: health[0])
    LEADING.set(1)

    assert urlopen(f"http://127.0.0.1:{port}/healthz").status == 200
    figures = urlopen(f"http://127.0.0.1:{port}/metrics").read()
    assert b"stagedoor_tick_leading 1.0" in figures
    assert b"stagedoor_invariants_age_seconds" in figures
    health[0] = False
    with pytest.raises(HTTPError, match="503"):
        urlopen(f"http://127.0.0.1:{port}/healthz")
