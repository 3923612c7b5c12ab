"""What was bought is fetched through the edge: in parts, by a link that ends, and without holding up the pages."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import time
from urllib.parse import quote, urlsplit

import pytest
from django.core import signing

from config.local.house import WEB_THREADS, WEB_WORKERS
from config.local.stack import Stack
from config.local.world import World, wait_until
from shop.downloads.link import LASTS_S
from tests.journeys.buyer import Buyer
from tests.journeys.conftest import Ask

pytestmark = pytest.mark.stack

MORE_THAN_THREADS = WEB_WORKERS * WEB_THREADS + 8
BIG = 64 * 1024 * 1024


@pytest.fixture(scope="module")
def reader(world: World) -> Buyer:
    """Somebody who bought a file."""
    reader = Buyer(world, world.visitor())
    reader.buys_a_file()
    wait_until(lambda: "/files/" in reader.browser.get(reader.order_url).text, "the file may be fetched")
    return reader


@pytest.fixture
def link(reader: Buyer) -> str:
    """The file's signed address, fresh."""
    page = reader.browser.get(reader.order_url)
    return reader.browser.get(page.link("/files/"), Range="bytes=0-0").url


def test_parts_of_a_file_are_sent_as_long_as_it_is_the_same_file(reader: Buyer, link: str) -> None:
    whole = reader.browser.get(link)
    etag = whole.headers["etag"]

    same = reader.browser.get(link, Range="bytes=10-19", If_Range=etag)
    changed = reader.browser.get(link, Range="bytes=10-19", If_Range='"another"')
    beyond = reader.browser.get(link, Range=f"bytes={len(whole.body)}-")

    assert (same.status, same.body) == (206, whole.body[10:20])
    assert same.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert (changed.status, changed.body) == (200, whole.body)
    assert beyond.status == 416


def test_the_file_has_no_address_of_its_own(world: World, ask: Ask) -> None:
    names = [name for (name,) in ask("select file from shop_digitalfile")]

    answers = [world.visitor().get(f"/private/{quote(name)}").status for name in names]

    assert answers
    assert set(answers) == {404}


def test_an_old_or_changed_link_is_as_if_absent(house: Stack, world: World, link: str) -> None:
    signed, name = link.rsplit("/", 2)[1:]
    ids = signed.split(":")[0]
    key = house.house.environment()["STAGEDOOR_SECRET_KEY"]
    own, old, forged = (_signer(key, age_s=0), _signer(key, age_s=LASTS_S + 1), _signer("x" * 50, age_s=0))
    stranger = world.visitor()

    answers = [stranger.get(f"/files/{signer.sign(ids)}/{name}").status for signer in (own, old, forged)]

    assert answers == [200, 404, 404]
    assert stranger.get(f"/files/{signed[:-3]}AAA/{name}").status == 404


def test_more_slow_downloads_than_python_has_threads_leave_the_pages_answering(
    house: Stack, world: World, link: str, big_file: Path
) -> None:
    assert big_file.stat().st_size == BIG
    with ExitStack() as downloads:
        for _ in range(MORE_THAN_THREADS):
            download = downloads.enter_context(_slow_download(house, link))
            assert b" 200 " in download.recv(4096)

        pages = [world.visitor().get(path).status for path in ("/", "/s/saltware/", "/healthz")]

    assert pages == [200, 200, 200]


@pytest.fixture
def big_file(house: Stack, link: str, ask: Ask) -> Iterator[Path]:
    """The file as if it were a film: far more than what waits between two sockets."""
    file_id = int(link.rsplit("/", 2)[1].split(":")[0].split("-")[1])
    path = house.house.private_root / ask("select file from shop_digitalfile where id = %s", file_id)[0][0]
    before = path.stat().st_size
    with path.open("ab") as file:
        file.truncate(BIG)
    yield path
    with path.open("ab") as file:
        file.truncate(before)


def _slow_download(house: Stack, link: str) -> socket.socket:
    """Asks for the file and leaves what comes where it is, but for what the caller reads."""
    address, path = urlsplit(house.base_url), urlsplit(link).path
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect((address.hostname, address.port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
    return connection


def _signer(key: str, *, age_s: int) -> signing.TimestampSigner:
    """Signs as the house would have so long ago."""
    signer = signing.TimestampSigner(key=key, salt="download")
    signer.timestamp = lambda: signing.b62_encode(int(time()) - age_s)  # type: ignore[method-assign]
    return signer
