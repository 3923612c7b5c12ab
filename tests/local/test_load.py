"""The load driver against servers that are not always nice."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import repeat

import pytest

from config.local.load.driver import run
from config.local.load.line import Line
from config.local.load.processes import Drivers, Heard, Load
from config.local.load.replies import Reader, Reply, Unreadable
from config.local.load.requests import get, post_json
from config.local.load.result import Result
from config.local.ports import free_ports

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def served_by(serve: Serve, visit: Callable[[int], Awaitable[Result | Reply]]) -> Result | Reply:
    """What a visit of a server that treats each connection so came to."""

    async def stand() -> Result | Reply:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            return await visit(server.sockets[0].getsockname()[1])

    return asyncio.run(asyncio.wait_for(stand(), 10))


def driven(serve: Serve, *, count: int = 12, connections: int = 3, **more) -> Result:
    requests = repeat(get("/", host="shop"), count)
    drive = lambda port: run(requests, host="127.0.0.1", port=port, connections=connections, **more)  # noqa: E731
    result = served_by(serve, drive)
    assert isinstance(result, Result)
    return result


def answering(*replies: bytes) -> Serve:
    """A server that gives these replies to the requests of each connection, then closes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in replies:
            if not await reader.read(65_536):
                break
            for byte in (reply[:20], reply[20:]):
                writer.write(byte)
                await writer.drain()
        writer.close()

    return serve


def test_each_request_is_sent_once_and_each_reply_is_heard() -> None:
    heard = []

    result = driven(answering(*[OK] * 100), hear=lambda request, reply: heard.append((request, reply.body)))

    assert result.statuses == {200: 12}
    assert heard == [(get("/", host="shop"), b"ok")] * 12
    assert len(result.latencies_s) == 12
    assert result.driver_share > 0


def test_a_connection_that_the_server_closes_after_a_reply_is_opened_again() -> None:
    last_words = b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    result = driven(answering(OK, last_words))

    assert result.statuses == {200: 6, 503: 6}


def test_a_request_that_is_dropped_counts_as_unknown() -> None:
    result = driven(answering(OK, b""), count=4, connections=1)

    assert result.statuses == {200: 2, 0: 2}
    assert sum(result.troubles.values()) == 2


def test_half_a_reply_counts_as_unknown() -> None:
    result = driven(answering(OK[:-1]), count=2, connections=1)

    assert result.statuses == {0: 2}


def test_nonsense_counts_as_unknown() -> None:
    result = driven(answering(b"SSH-2.0-something\r\n\r\n"), count=2, connections=1)

    assert result.statuses == {0: 2}
    assert all("unreadable" in trouble for trouble in result.troubles)


def test_a_reply_that_takes_too_long_is_not_waited_for() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    result = driven(silent, count=2, connections=2, patience_s=0.1)

    assert (result.statuses, result.troubles) == ({0: 2}, {"timeout": 2})


def test_nobody_at_home_counts_as_unknown() -> None:
    async def knock() -> Result:
        port = next(free_ports())
        return await run(repeat(get("/", host="shop"), 3), host="127.0.0.1", port=port, connections=2)

    assert asyncio.run(knock()).statuses == {0: 3}


def test_time_is_up_when_the_seconds_are_over() -> None:
    result = driven(answering(*[OK] * 100_000), count=10**9, seconds=0.2)

    assert 0 < result.count < 10**9


def test_one_who_asks_gets_the_reply_with_its_cookies() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: shopper=a:b; Path=/\r\nset-cookie: old=\r\n\r\n"

    async def ask(port: int) -> Reply:
        return await Line(host="127.0.0.1", port=port).ask(get("/", host="shop"))

    reply = served_by(answering(said), ask)

    assert isinstance(reply, Reply)
    assert (reply.status, reply.cookies) == (200, {"shopper": "a:b", "old": ""})


def test_a_chunked_reply_is_put_together_however_it_is_cut() -> None:
    said = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n6;x=y\r\n\r\npedi\r\n0\r\nTrail: er\r\n\r\n"
    )
    reader = Reader()

    replies = [reader.feed(said[at : at + 1]) for at in range(len(said))]

    assert [reply is None for reply in replies] == [True] * (len(said) - 1) + [False]
    assert replies[-1] is not None
    assert replies[-1].body == b"Wiki\r\npedi"
    assert reader.feed(OK) is not None


def test_what_only_announces_another_reply_is_passed_over() -> None:
    assert Reader().feed(b"HTTP/1.1 100 Continue\r\n\r\n" + OK) == Reply(200, OK[: OK.index(b"\r\n\r\n")], b"ok")


def test_a_reply_without_a_length_ends_with_the_connection() -> None:
    reader = Reader()

    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nall of") is None
    assert reader.feed(b" it") is None
    assert reader.end() == Reply(200, b"HTTP/1.0 200 OK", b"all of it")


@pytest.mark.parametrize("length", [b"ten", b""])
def test_a_length_that_is_none_is_not_guessed(length: bytes) -> None:
    with pytest.raises(Unreadable):
        Reader().feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + length + b"\r\n")


def test_a_request_says_where_to_and_how_long_it_is() -> None:
    sent = post_json("/drops/1/claim/", {"quantity": 1}, host="shop:80", cookies={"shopper": "x"}, headers={"A": "b"})

    assert sent.split(b"\r\n") == [
        b"POST /drops/1/claim/ HTTP/1.1",
        b"Host: shop:80",
        b"Content-Type: application/json",
        b"X-Stagedoor: 1",
        b"Cookie: shopper=x",
        b"A: b",
        b"Content-Length: 14",
        b"",
        b'{"quantity":1}',
    ]


def test_drivers_in_processes_share_the_work_and_tell_whose_reply_it_was() -> None:
    def visit(port: int) -> tuple[Result, Heard]:
        requests = [get(f"/{number}", host="shop") for number in range(30)]
        with Drivers(2) as drivers:
            return drivers.run(Load(port=port, connections=4, requests=requests, keeps_replies=True))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65_536):
            path = said.split()[1]
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path))
        writer.close()

    async def stand() -> tuple[Result, Heard]:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            return await asyncio.to_thread(visit, server.sockets[0].getsockname()[1])

    result, heard = asyncio.run(stand())

    assert result.statuses == {200: 30}
    assert sorted((kept.place, kept.reply.body.decode()) for kept in heard) == [
        (number, f"/{number}") for number in range(30)
    ]
    assert all(0 < kept.after_s <= result.seconds for kept in heard)
