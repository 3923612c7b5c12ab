"""Reading one HTTP/1.1 reply from bytes: just enough for a load driver, whoever sent them."""

from typing import Final, NamedTuple

NO_ANSWER: Final = 0
WITHOUT_BODY: Final = (204, 304)


class Unreadable(ValueError):
    """What came is no HTTP reply."""


class Reply(NamedTuple):
    """What came back. Status 0: nothing did, and `trouble` says why; whether the request was carried out is unknown."""

    status: int
    head: bytes = b""
    body: bytes = b""
    trouble: str = ""

    def header(self, name: str) -> str:
        """The first header of that name, in any case; empty where there is none."""
        return _header(self.head, name.lower().encode()).decode("latin-1")

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that were set, by name; a deleted one is empty."""
        lines = [line for line in self.head.split(b"\r\n") if line[:11].lower() == b"set-cookie:"]
        pairs = [line[11:].decode("latin-1").partition(";")[0].strip().partition("=") for line in lines]
        return {name: value.strip('"') for name, _, value in pairs}


class Reader:
    """Collects what one connection receives until a reply is complete."""

    def __init__(self) -> None:
        self._received = b""
        self._wanted = 0

    def feed(self, received: bytes) -> Reply | None:
        """The reply, once its last byte is there. Raises Unreadable."""
        self._received = self._received + received if self._received else received
        if len(self._received) < self._wanted or (end := self._received.find(b"\r\n\r\n")) < 0:
            return None
        head, start = self._received[:end], end + 4
        status = _status(head)
        if length := _header(head, b"content-length"):
            self._wanted = start + _whole(length)
        elif status < 200 or status in WITHOUT_BODY:
            self._wanted = start
        elif _is_chunked(head):
            return self._chunked(status, head, start)
        else:
            return None
        return self._cut(status, head, self._received[start : self._wanted], at=self._wanted)

    def end(self) -> Reply | None:
        """The connection has ended: the reply whose body only that ends; None where none was complete."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._wanted or _is_chunked(head := self._received[:end]):
            return None
        return Reply(_status(head), head, self._received[end + 4 :])

    def _cut(self, status: int, head: bytes, body: bytes, *, at: int) -> Reply | None:
        """The reply that ends there, if that has come; one that only announces another (100) is passed over."""
        if len(self._received) < at:
            return None
        self._received, self._wanted = self._received[at:], 0
        return Reply(status, head, body) if status >= 200 else self.feed(b"")

    def _chunked(self, status: int, head: bytes, at: int) -> Reply | None:
        chunks: list[bytes] = []
        while (line := self._received.find(b"\r\n", at)) >= 0:
            size = _whole(self._received[at:line].partition(b";")[0], 16)
            if size == 0:
                end = self._received.find(b"\r\n\r\n", line)
                return None if end < 0 else self._cut(status, head, b"".join(chunks), at=end + 4)
            chunks.append(self._received[line + 2 : line + 2 + size])
            at = line + 2 + size + 2
        return None


def _status(head: bytes) -> int:
    if head[:7] != b"HTTP/1." or not head[9:12].isdigit():
        raise Unreadable(f"it begins with {head[:20]!r}")
    return int(head[9:12])


def _is_chunked(head: bytes) -> bool:
    return b"chunked" in _header(head, b"transfer-encoding").lower()


def _header(head: bytes, name: bytes) -> bytes:
    lowered = head.lower()
    at = lowered.find(b"\r\n" + name + b":")
    if at < 0:
        return b""
    at += len(name) + 3
    end = lowered.find(b"\r\n", at)
    return head[at : end if end >= 0 else len(head)].strip()


def _whole(digits: bytes, base: int = 10) -> int:
    try:
        return int(digits, base)
    except ValueError as strange:
        raise Unreadable(f"a length is {digits[:20]!r}") from strange
