"""One keep-alive connection that always ends a request with a reply, if only with one that says that none came."""

import asyncio
from collections.abc import Callable

from config.local.load.replies import NO_ANSWER, Reader, Reply, Unreadable

Heard = Callable[[Reply], None]


class Line:
    """A connection to one server, opened again whenever it was lost; one request at a time."""

    def __init__(self, *, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._wire: _Wire | None = None

    async def ask(self, request: bytes, *, patience_s: float | None = None) -> Reply:
        """Send, and wait for the reply; after so many seconds hang up: status 0, "timeout"."""
        await self.open()
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.send(request, lambda heard: None if reply.done() else reply.set_result(heard))
        try:
            return await asyncio.wait_for(reply, patience_s)
        except TimeoutError:
            self.close()
            return Reply(NO_ANSWER, trouble="timeout")

    async def open(self) -> None:
        """Connect where it is not connected; a server that refuses is told by the next send()."""
        if self.is_open:
            return
        try:
            _, self._wire = await asyncio.get_running_loop().create_connection(_Wire, self.host, self.port)
        except OSError:
            self._wire = None

    @property
    def is_open(self) -> bool:
        """Whether send() has somewhere to send to."""
        return self._wire is not None and self._wire.is_open

    def send(self, request: bytes, heard: Heard) -> None:
        """Send now; `heard` is called once, with the reply. Only after open(), and after the reply before."""
        if self._wire is None or not self._wire.is_open:
            asyncio.get_running_loop().call_soon(heard, Reply(NO_ANSWER, trouble="no connection"))
        else:
            self._wire.send(request, heard)

    def close(self, because: str = "hung up") -> None:
        """Hang up without waiting; who still waits for a reply hears why there is none."""
        if self._wire is not None:
            self._wire.hang_up(Reply(NO_ANSWER, trouble=because))


class _Wire(asyncio.Protocol):
    """One connection, from its opening to its loss."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.is_open = False
        self._reader = Reader()
        self._heard: Heard | None = None

    def send(self, request: bytes, heard: Heard) -> None:
        self._heard = heard
        self.transport.write(request)

    def hang_up(self, reply: Reply) -> None:
        self.is_open = False
        self.transport.abort()
        self._tell(reply)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.is_open = transport, True  # type: ignore[assignment] # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        try:
            reply = self._reader.feed(data)
        except Unreadable as strange:
            self.hang_up(Reply(NO_ANSWER, trouble=f"unreadable: {strange}"))
            return
        if reply is None:
            return
        if b"close" in reply.head and reply.header("connection").lower() == "close":
            self.hang_up(reply)
        else:
            self._tell(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._tell(self._reader.end() or Reply(NO_ANSWER, trouble=f"lost: {exc or 'closed by the server'}"))

    def _tell(self, reply: Reply) -> None:
        heard, self._heard = self._heard, None
        if heard is not None:
            heard(reply)
