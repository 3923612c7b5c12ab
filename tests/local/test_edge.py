"""The Caddyfile: one origin, and private files that only Django can send."""

import gzip
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config.local.house import House, Ports
from config.local.place import Place
from config.local.ports import free_ports
from config.local.say import Progress
from config.local.supervisor import Supervisor

BOOK = b"0123456789" * 1000


class Web(BaseHTTPRequestHandler):
    """Stands where Django stands: it sends a private file when asked for /download, else says what it was asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path.startswith("/download/"):
            self.send_header("X-Accel-Redirect", f"/private/{self.path.removeprefix('/download/')}")
            self.send_header("Content-Type", "application/epub+zip")
            self.send_header("Content-Disposition", 'attachment; filename="The book.epub"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = f"{self.server.server_name} {self.path} {self.headers['X-Request-ID']}\n".encode() * 100  # type: ignore[attr-defined]
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/leak":
            self.send_header("X-Accel-Redirect", "/etc/passwd")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Edge:
    """Caddy in front of a stand-in for web, with files in its three folders."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read()


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    folder = tmp_path_factory.mktemp("edge of the house")
    web = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    free, unused = free_ports(), Ports.unused()
    ports = Ports(**{**vars(unused), "edge": next(free), "web": web.server_port, "sandbox": web.server_port})
    house = House(Place(folder), ports, "", "")
    house.make_folders()
    (house.private_root / "books").mkdir()
    (house.private_root / "books" / "the book.epub").write_bytes(BOOK)
    (house.private_root / "readme.txt").write_bytes(BOOK)
    (house.static_root / "app.0123456789ab.css").write_text("body{}")
    (house.static_root / "plain.css").write_text("body{}")
    (house.media_root / "mug.webp").write_bytes(b"picture")
    supervisor = Supervisor(logs=folder / "log", progress=Progress())
    supervisor.start(house.edge())
    yield Edge(ports.edge)
    supervisor.stop()
    web.shutdown()


def test_a_private_file_is_sent_with_djangos_headers(edge: Edge) -> None:
    answer, body = edge.get("/download/books/the%20book.epub")

    assert (answer.status, body) == (200, BOOK)
    assert answer.headers["Content-Type"] == "application/epub+zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="The book.epub"'
    assert answer.headers["Cache-Control"] == "private, no-transform"
    assert "X-Accel-Redirect" not in answer.headers


def test_a_part_of_a_private_file_is_sent(edge: Edge) -> None:
    answer, body = edge.get("/download/books/the%20book.epub", Range="bytes=5-14")

    assert (answer.status, body) == (206, b"5678901234")
    assert answer.headers["Content-Range"] == f"bytes 5-14/{len(BOOK)}"


def test_a_part_of_a_text_is_not_compressed(edge: Edge) -> None:
    answer, body = edge.get("/download/readme.txt", Range="bytes=0-4999", Accept_Encoding="gzip")

    assert (answer.status, len(body)) == (206, 5000)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/private/readme.txt", "/private/", "//private/readme.txt", "/%70rivate/readme.txt"])
def test_a_private_file_has_no_address_of_its_own(edge: Edge, path: str) -> None:
    _, body = edge.get(path)

    assert BOOK[:20] not in body


def test_the_plain_private_address_is_not_found(edge: Edge) -> None:
    assert edge.get("/private/readme.txt")[0].status == 404


def test_a_private_file_that_is_gone_is_not_found(edge: Edge) -> None:
    assert edge.get("/download/no-such-file")[0].status == 404


def test_a_name_that_climbs_out_of_the_private_folder_finds_nothing(edge: Edge) -> None:
    answer, body = edge.get("/download/..%2fstatic%2fplain.css")

    assert answer.status == 404
    assert b"body{}" not in body


def test_an_inner_redirect_to_elsewhere_is_not_followed_and_not_shown(edge: Edge) -> None:
    answer, body = edge.get("/leak")

    assert b"root:" not in body
    assert "X-Accel-Redirect" not in answer.headers


def test_hashed_static_files_are_kept_for_ever_and_others_are_not(edge: Edge) -> None:
    hashed, _ = edge.get("/static/app.0123456789ab.css")
    plain, _ = edge.get("/static/plain.css")

    assert "immutable" in hashed.headers["Cache-Control"]
    assert (plain.status, "immutable" in (plain.headers["Cache-Control"] or "")) == (200, False)


def test_media_files_are_sent(edge: Edge) -> None:
    assert edge.get("/media/mug.webp")[1] == b"picture"


def test_a_page_is_compressed(edge: Edge) -> None:
    answer, body = edge.get("/live-now", Accept_Encoding="gzip")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"/live-now" in gzip.decompress(body)


def test_a_request_id_of_the_visitors_is_replaced(edge: Edge) -> None:
    _, body = edge.get("/page", X_Request_ID="forged")

    assert b"forged" not in body
    assert b"None" not in body


def test_the_sandboxs_pages_are_on_the_same_origin(edge: Edge) -> None:
    assert b"/stripe-sandbox/pay/1" in edge.get("/stripe-sandbox/pay/1")[1]


@pytest.mark.parametrize("path", ["/stripe-sandbox/_sandbox/faults", "/stripe-sandbox/v1/charges"])
def test_the_sandboxs_controls_and_its_api_are_not(edge: Edge, path: str) -> None:
    assert edge.get(path)[0].status == 404


def test_a_house_that_is_not_up_says_so(edge: Edge) -> None:
    answer, body = edge.get("/live/anything")

    assert answer.status == 502
    assert answer.headers["Retry-After"] == "2"
    assert b"try again" in body
