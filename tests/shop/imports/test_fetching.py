"""Pictures come from the public web only, whatever a file, a name or a redirect says."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest

from shop.imports import fetching
from shop.imports.fetching import Unreachable, fetch, is_public


class Pictures(BaseHTTPRequestHandler):
    """Answers as its path asks for."""

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        else:
            self.send_response(200)
            self.end_headers()
            self._body()

    def _body(self) -> None:
        for _ in range(400 if self.path == "/huge" else 1):
            self.wfile.write(b"x" * 100_000 if self.path == "/huge" else self.path.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pictures) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def everything(address: object) -> bool:
    return True


def test_a_picture_is_fetched_also_where_its_address_is_badly_written(server: str) -> None:
    assert fetch(f"{server}/a.png", may_reach=everything) == b"/a.png"
    assert fetch(f"{server}/blau weiß.png?x=ä", may_reach=everything) == b"/blau%20wei%C3%9F.png?x=%C3%A4"


def test_redirects_are_followed(server: str) -> None:
    assert fetch(f"{server}/to/{server}/b.png", may_reach=everything) == b"/b.png"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1"])
def test_nothing_inside_is_ever_reached(server: str, host: str) -> None:
    port = server.rpartition(":")[2]

    with pytest.raises(Unreachable, match="it leads into a private network"):
        fetch(f"http://{host}:{port}/a.png")


def test_a_redirect_does_not_lead_inside_either(server: str) -> None:
    asked = iter([True, False])

    with pytest.raises(Unreachable, match="it leads into a private network"):
        fetch(f"{server}/to/{server}/secret", may_reach=lambda address: next(asked))


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/x", "data:image/png;base64,AAAA", "javascript:1", "//a.example/x", "x", ""],
)
def test_only_the_web_is_asked(url: str) -> None:
    with pytest.raises(Unreachable, match="it is not an http or https address"):
        fetch(url)


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://a.example/x"])
def test_a_redirect_leaves_the_web_no_more_than_an_address_does(server: str, to: str) -> None:
    with pytest.raises(Unreachable):
        fetch(f"{server}/to/{to}", may_reach=everything)


def test_what_goes_wrong_is_told_in_words(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1_000_000)

    for path, why in (("/missing", "the server answered 404"), ("/huge", "it has more than 1 MB")):
        with pytest.raises(Unreachable, match=why):
            fetch(f"{server}{path}", may_reach=everything)
    with pytest.raises(Unreachable, match="more than 500 characters"):
        fetch("https://a.example/" + "x" * 500)
    with pytest.raises(Unreachable, match="could not be fetched"):
        fetch("http://a.example:99999/x")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("fe80::1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - it is what must not be reached
    ],
)
def test_public_means_somebody_else_on_the_internet(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public
