"""Pictures fetched from addresses that a file names: the public web only, never our own network."""

import socket
import ssl
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    UnknownHandler,
)

from shop.catalog.pictures import MOST_BYTES
from shop.core.errors import Invalid

TIMEOUT_S: Final = 10
LONGEST_S: Final = 30
LONGEST_URL: Final = 500
CHUNK: Final = 65_536

Reachable = Callable[[IPv4Address | IPv6Address], bool]


class Unreachable(Invalid):
    """A picture that could not be fetched."""

    code = "unreachable"
    sentence = "The picture {url} could not be fetched: {why}."


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is somebody's on the internet: not this machine, its network, or a group of machines."""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_global and not mapped.is_multicast


def fetch(url: str, *, may_reach: Reachable = is_public) -> bytes:
    """The bytes behind an http or https address, redirects followed, 20 MB and 30 seconds at most.

    Every connection goes to an address that was checked, so neither a redirect nor a name that changes its mind
    leads inside. Raises Unreachable(url, why).
    """
    try:
        with _opener(may_reach).open(_request(url), timeout=TIMEOUT_S) as response:
            return _read(response, until=time.monotonic() + LONGEST_S)
    except HTTPError as refused:
        raise Unreachable(url=url, why=f"the server answered {refused.code}") from refused
    except URLError as failed:
        raise Unreachable(url=url, why=_words(failed.reason)) from failed
    except (OSError, HTTPException, ValueError) as failed:
        raise Unreachable(url=url, why=_words(failed)) from failed


def _request(url: str) -> Request:
    if len(url) > LONGEST_URL:
        raise ValueError(f"the address has more than {LONGEST_URL} characters")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it is not an http or https address")
    path, query = quote(parts.path, safe="/%:@!$&'()*+,;=~"), quote(parts.query, safe="/%:@!$&'()*+,;=~?")
    return Request(  # noqa: S310 - the scheme is checked above, the address at each connection
        urlunsplit((parts.scheme, parts.netloc, path, query, "")), headers={"User-Agent": "Stagedoor"}
    )


def _read(response: HTTPResponse, *, until: float) -> bytes:
    read = bytearray()
    while chunk := response.read1(CHUNK):
        read += chunk
        if len(read) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB")
        if time.monotonic() > until:
            raise TimeoutError(f"it took longer than {LONGEST_S} seconds")
    return bytes(read)


def _opener(may_reach: Reachable) -> OpenerDirector:
    """http and https and their redirects: no files, no FTP, no proxy from the environment."""

    def connected(host: str, port: int, timeout: float) -> socket.socket:
        return _connect(host, port, timeout, may_reach)

    class Plain(HTTPConnection):
        def connect(self) -> None:
            self.sock = connected(self.host, self.port, TIMEOUT_S)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            plain = connected(self.host, self.port, TIMEOUT_S)
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)

    class PlainHandler(HTTPHandler):
        def http_open(self, req: Request) -> Any:
            return self.do_open(Plain, req)

    class SecureHandler(HTTPSHandler):
        def https_open(self, req: Request) -> Any:
            return self.do_open(Secure, req)

    opener = OpenerDirector()
    for handler in (
        PlainHandler, SecureHandler, HTTPRedirectHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler, UnknownHandler,
    ):  # fmt: skip
        opener.add_handler(handler())
    return opener


def _connect(host: str, port: int, timeout: float, may_reach: Reachable) -> socket.socket:
    """A connection to the first address of a host, all of whose addresses may be reached."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[0]) for *_, place in found]
    if not addresses or not all(may_reach(ip_address(address.partition("%")[0])) for address in addresses):
        raise OSError("it leads into a private network")
    return socket.create_connection((addresses[0], port), timeout)


def _words(failure: object) -> str:
    if isinstance(failure, socket.gaierror):
        return "there is no such host"
    if isinstance(failure, TimeoutError):
        return str(failure) or "no answer in time"
    return getattr(failure, "strerror", None) or str(failure) or type(failure).__name__
