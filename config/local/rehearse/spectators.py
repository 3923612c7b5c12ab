"""`python -m config.local.rehearse.spectators FOLDER`: everybody who watches, on one loop.

A spectator does what the live page does: opens it, asks each second how things stand, fetches the cards anew when
something changed, and claims with a human delay when a drop opens. Who holds a piece goes to the buyers, who pay.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlencode

import uvloop

from config.local.asking import Wish, pause_before_next_try
from config.local.crowd import SHARE_THAT_HEARD, Pace, reaction_s
from config.local.diary import Deed, Diary, heard_in
from config.local.load.line import Line
from config.local.load.replies import Reply
from config.local.load.requests import get, post_json
from config.local.rehearse.stage import HEARD, Stage, Told, read_stage
from config.local.visitor import Page

LOOKS_EVERY_S: Final = (0.9, 1.1)
COMES_AGAIN_S: Final = (1.0, 3.0)
PRESSES_AGAIN_S: Final = (0.1, 0.6)
PATIENCE_S: Final = {"page": 60.0}  # for all else as long as the page's own scripts wait
SCRIPT_PATIENCE_S: Final = 10.0
SHARE_THAT_WANTS: Final = 0.9
SHARE_THAT_WAITS: Final = Pace().share_that_waits
MOST_WANTED: Final = 3


@dataclass
class Hall:
    """What all spectators share: the stage, what they heard, and the way to the buyers."""

    stage: Stage
    buyers: IO[str]
    diary: Diary = field(default_factory=Diary)
    told: dict[str, list[Told]] = field(default_factory=dict)

    def hears(self, what: str, status: int, took_s: float) -> None:
        """Write down how long an answer took."""
        self.told.setdefault(what, []).append((status, took_s))

    def pays(self, cookies: dict[str, str]) -> None:
        """Somebody holds a piece: from here on they are a buyer."""
        self.buyers.write(json.dumps({"cookies": cookies}) + "\n")
        self.buyers.flush()


class Spectator:
    """One person with the live page open."""

    def __init__(self, hall: Hall, number: int, dice: random.Random) -> None:
        self.hall, self.stage, self.dice = hall, hall.stage, dice
        self.name = f"viewer {number}"
        self.cookies = dict(self.stage.cookies[number]) if self.stage.cookies else {}
        self.line = Line(host=self.stage.host, port=self.stage.port)
        self.shape: str | None = None
        self.plans: dict[str, asyncio.Task[None]] = {}
        self.has_left = False

    async def watch(self) -> None:
        """Come in before the first drop, look each second, leave with a piece or when all is over."""
        await self._pause(0, self.stage.arrive_s)
        while not self._is_over and (await self._get("page", self.stage.show)).status != 200:
            await self._pause(*COMES_AGAIN_S)
        while not self._is_over:
            await self._look()
            await self._pause(*LOOKS_EVERY_S)
        self.line.close()
        for plan in self.plans.values():
            plan.cancel()
        for ending in await asyncio.gather(*self.plans.values(), return_exceptions=True):
            if isinstance(ending, Exception):  # being cancelled is none
                raise ending

    @property
    def _is_over(self) -> bool:
        return self.has_left or time.time() > self.stage.ends_at

    async def _look(self) -> None:
        reply = await self._get("state", f"{self.stage.show}state/")
        state = heard_in(reply.body.decode(errors="replace")) if reply.status == 200 else {}
        if not state or self.has_left:
            return
        if state["held"]:
            self._leave()
            return
        if state["shape"] != self.shape:
            self.shape = state["shape"]
            await self._get("side", f"{self.stage.show}side/")
        for drop_id, drop in state["drops"].items():
            self._plan(drop_id, drop)

    def _plan(self, drop_id: str, drop: dict[str, Any]) -> None:
        """Decide once whether to want a piece; who wants one presses a moment after it opens."""
        if drop_id in self.plans or (drop["ms_to_open"] is None and drop["ms_left"] is None):
            return
        wants = self.dice.random() < SHARE_THAT_WANTS
        due_s = (drop["ms_to_open"] or 0) / 1000 + reaction_s(self.dice)
        self.plans[drop_id] = asyncio.create_task(self._want(drop_id, due_s) if wants else _nothing())

    async def _want(self, drop_id: str, due_s: float) -> None:
        await asyncio.sleep(max(0.0, due_s))
        if self._is_over:
            return
        drop = self.stage.drops[drop_id]
        most = min(drop.per_person, MOST_WANTED)
        word = drop.code_word if self.dice.random() < SHARE_THAT_HEARD else ""
        reply = await self._claim(Wish(drop_id, 1 if most == 1 else self.dice.choice((1, 1, most)), word))
        code = heard_in(reply.body.decode(errors="replace")).get("code")
        if reply.status == 200:
            self._leave()
        elif code == "sold_out" and self.dice.random() < SHARE_THAT_WAITS:
            await self._join_line(drop_id, word)

    async def _claim(self, wish: Wish) -> Reply:
        """Ask until there is an answer, on a connection of its own: a press does not wait for a poll."""
        line = Line(host=self.stage.host, port=self.stage.port)
        tried = 0
        while True:
            reply = await self._ask_for(wish, line, again=tried > 0)
            tried += 1
            pause = pause_before_next_try(
                tried,
                status=reply.status,
                headers={"retry-after": reply.header("retry-after")},
                dice=self.dice.random,
            )
            said = heard_in(reply.body.decode(errors="replace"))
            if said.get("code") == "not_yet" and said.get("ms_left") is not None:
                pause, tried = said["ms_left"] / 1000 + self.dice.uniform(*PRESSES_AGAIN_S), 0
            if pause is None or self._is_over:
                line.close()
                return reply
            await asyncio.sleep(pause)

    async def _ask_for(self, wish: Wish, line: Line, *, again: bool) -> Reply:
        """One try."""
        headers = {**wish.headers, "Sec-Fetch-Site": "same-origin"}
        request = post_json(
            wish.path, wish.body(again=again), host=self.stage.netloc, cookies=self.cookies, headers=headers
        )
        asked = self.hall.diary.begin(self.name, Deed.CLAIM, about=wish.drop_id, key=wish.key, quantity=wish.quantity)
        reply = await line.ask(request, patience_s=SCRIPT_PATIENCE_S)
        self.cookies.update(reply.cookies)
        if reply.status:
            asked.heard(reply.status, heard_in(reply.body.decode(errors="replace")))
        else:
            asked.lost(reply.trouble)
        self.hall.diary.end(asked)
        return reply

    async def _join_line(self, drop_id: str, word: str) -> None:
        """Where the cards still offer it: a piece may have come back meanwhile."""
        side = await self._get("side", f"{self.stage.show}side/")
        page = Page(f"{self.stage.base_url}{self.stage.show}", side.status, side.body.decode(), {}, side.body)
        path = f"/drops/{drop_id}/line/"
        form = next((form for form in page.forms if path in form.action), None)
        if form is None or self._is_over:
            return
        said = {"word": word} if "word" in form.fields else {}
        body = urlencode({**form.fields, **said}).encode()
        asked = self.hall.diary.begin(self.name, Deed.LINE, about=drop_id)
        reply = await self._exchange("line", _form(path, body, host=self.stage.netloc, cookies=self.cookies))
        if reply.status:
            asked.heard(reply.status, {})
        self.hall.diary.end(asked)

    async def _get(self, what: str, path: str) -> Reply:
        return await self._exchange(what, get(path, host=self.stage.netloc, cookies=self.cookies))

    async def _exchange(self, what: str, request: bytes) -> Reply:
        """One request on a connection, and its time; it waits for one that is under way."""
        line = self.line if what in ("page", "state") else Line(host=self.stage.host, port=self.stage.port)
        began = time.monotonic()
        reply = await line.ask(request, patience_s=PATIENCE_S.get(what, SCRIPT_PATIENCE_S))
        self.hall.hears(what, reply.status, time.monotonic() - began)
        self.cookies.update(reply.cookies)
        if line is not self.line:
            line.close()
        return reply

    def _leave(self) -> None:
        """With a piece, to pay."""
        if not self.has_left:
            self.has_left = True
            self.hall.pays(self.cookies)

    async def _pause(self, least_s: float, most_s: float) -> None:
        await asyncio.sleep(self.dice.uniform(least_s, most_s))


async def _nothing() -> None:
    """What somebody does who does not want a piece."""


def _form(path: str, body: bytes, *, host: str, cookies: dict[str, str]) -> bytes:
    """A form as a browser sends it."""
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        f"Cookie: {'; '.join(f'{name}={value}' for name, value in cookies.items())}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _watch_all(hall: Hall) -> None:
    dice = random.Random()
    coming: list[Coroutine[Any, Any, None]] = [
        Spectator(hall, number, random.Random(dice.random())).watch() for number in range(hall.stage.viewers)
    ]
    await asyncio.gather(*coming)


def main() -> int:
    folder = Path(sys.argv[1])
    stage = read_stage(folder)
    buyers = subprocess.Popen(
        [sys.executable, "-m", "config.local.rehearse.buyers", str(folder)], stdin=subprocess.PIPE, text=True
    )
    assert buyers.stdin is not None
    hall = Hall(stage, buyers.stdin)
    uvloop.run(_watch_all(hall))
    hall.buyers.write(json.dumps({"all": "gone"}) + "\n")
    hall.buyers.close()
    asks = [
        {
            "who": entry.who,
            "drop": entry.about,
            "status": entry.status,
            "took_s": entry.took_s,
            "outcome": entry.outcome,
            "code": entry.code,
        }
        for entry in hall.diary.of(Deed.CLAIM)
    ]
    (folder / HEARD).write_text(json.dumps({"told": hall.told, "claims": asks}))
    return buyers.wait()


if __name__ == "__main__":
    sys.exit(main())
