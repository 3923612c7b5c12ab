"""The bytes of a request, built once and sent many times."""

import json
from collections.abc import Mapping
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


def get(path: str, *, host: str, cookies: Mapping[str, str] = NOTHING, headers: Mapping[str, str] = NOTHING) -> bytes:
    """A GET; `host` as in the address bar, with its port."""
    return _request("GET", path, host, {**_cookie(cookies), **headers}, b"")


def post_json(
    path: str, body: object, *, host: str, cookies: Mapping[str, str] = NOTHING, headers: Mapping[str, str] = NOTHING
) -> bytes:
    """A POST of JSON, as the house's own scripts send it: with the header that another site's page may not set."""
    sent = json.dumps(body, separators=(",", ":")).encode()
    more = {"Content-Type": "application/json", "X-Stagedoor": "1", **_cookie(cookies), **headers}
    return _request("POST", path, host, {**more, "Content-Length": str(len(sent))}, sent)


def _cookie(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


def _request(method: str, path: str, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
