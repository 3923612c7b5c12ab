"""The ASGI application: reads a request to its end and hands it to the API, the hosted pages or the control."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from config.local.stripe.account import Account
from config.local.stripe.api import Answer, Api, Request
from config.local.stripe.control import Control
from config.local.stripe.courier import Courier
from config.local.stripe.errors import ApiError
from config.local.stripe.hosted import routes
from config.local.stripe.idempotency import forget_old
from config.local.stripe.limits import RateLimits
from config.local.stripe.resources.refunds import settle_due
from config.local.stripe.resources.sessions import expire_due

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 1 << 20
CLOCK_TICK_S = 1


class Application:
    """One account behind HTTP. Requests are worked off one by one on the event loop; only waiting is concurrent."""

    def __init__(self, *, account: Account, limits: RateLimits) -> None:
        self._account = account
        self._api = Api(account=account, limits=limits)
        self._control = Control(account=account, limits=limits)
        self._courier = Courier(store=account.store)
        self._prefix = urlsplit(account.settings.public_url).path.rstrip("/")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection scope."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._courier.start()
        ticking = asyncio.create_task(self._tick())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ticking.cancel()
        self._courier.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        while True:
            expire_due(self._account)
            settle_due(self._account)
            forget_old(store=self._account.store, at=self._account.now())
            await asyncio.sleep(CLOCK_TICK_S)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            request = _request(scope, body=await _body(receive), prefix=self._prefix)
        except ApiError as refusal:
            await _send_json(send, Answer(refusal.status, refusal.body))
            return
        if request.path.startswith("/v1/"):
            await _send_json(send, await self._api.respond(request, hang=lambda s: _hang(receive, s)))
        elif request.path.startswith("/_sandbox/"):
            await _send_json(send, self._control.respond(request))
        else:
            page = routes.respond(self._account, method=request.method, path=request.path, body=request.body)
            await _send(send, page.status, page.headers, page.content.encode())


def _request(scope: Message, *, body: bytes, prefix: str) -> Request:
    path = scope["path"]
    if prefix and path.startswith(f"{prefix}/"):
        path = path.removeprefix(prefix)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ApiError(status=400, message="The body is not UTF-8.") from None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return Request(method=scope["method"], path=path, query=query, headers=headers, body=text)


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            raise ApiError(status=413, message="The body is larger than 1 MB.")
    return body


async def _hang(receive: Receive, seconds: float) -> None:
    """Wait so long, or until the client is gone, or the server stops."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except (TimeoutError, asyncio.CancelledError):
        return


async def _send_json(send: Send, answer: Answer) -> None:
    headers = {"Content-Type": "application/json"} | answer.headers
    await _send(send, answer.status, headers, json.dumps(answer.body, indent=2).encode())


async def _send(send: Send, status: int, headers: dict[str, str], content: bytes) -> None:
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    encoded.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": content})
