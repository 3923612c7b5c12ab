"""How a person claims, whoever plays them: one wish, one key, asked again until there is an answer."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Final
from uuid import uuid4

from config.local.diary import Deed, Diary, heard_in
from config.local.visitor import Page, Visitor

PAUSE_S: Final = 0.3
LONGEST_PAUSE_S: Final = 4.0
PATIENCE_S: Final = 40.0
TOO_OFTEN, BROKEN = 429, 500


@dataclass(frozen=True)
class Wish:
    """So many pieces of a drop. It keeps its key however often it is asked, so it counts once."""

    drop_id: str
    quantity: int = 1
    word: str = ""
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def path(self) -> str:
        return f"/drops/{self.drop_id}/claim/"

    @property
    def headers(self) -> dict[str, str]:
        """What is sent beside the body."""
        return {"Idempotency-Key": self.key}

    def body(self, *, again: bool) -> dict[str, object]:
        """The JSON; `again` says that an earlier try of the same key got no answer."""
        word = {"word": self.word} if self.word else {}
        return {"quantity": self.quantity, **word, **({"again": True} if again else {})}


def pause_before_next_try(
    tried: int, *, status: int, headers: Mapping[str, str], dice: Callable[[], float] = random.random
) -> float | None:
    """Seconds until the wish is asked again, as the house's own page does it; None where this is the answer.

    `status` 0 says that no answer came; `tried` counts the tries that are over, from 1.
    """
    if 0 < status < BROKEN and status != TOO_OFTEN:
        return None
    own = min(PAUSE_S * 2.0 ** (tried - 1), LONGEST_PAUSE_S) * (0.75 + dice() / 2)
    told = headers.get("retry-after", "")
    return max(own, float(told) if told.isdecimal() else 0.0)


def claim(browser: Visitor, wish: Wish, *, wait: Callable[[float], bool], diary: Diary, who: str) -> Page | None:
    """Ask until there is an answer; None where none came in 40 s, or where `wait` says that it is time to stop."""
    began = time.monotonic()
    tried = 0
    while True:
        page = _ask(browser, wish, again=tried > 0, diary=diary, who=who)
        tried += 1
        status, headers = (page.status, page.headers) if page else (0, {})
        pause = pause_before_next_try(tried, status=status, headers=headers)
        if pause is None:
            return page
        if time.monotonic() + pause - began > PATIENCE_S or wait(pause):
            return None


def _ask(browser: Visitor, wish: Wish, *, again: bool, diary: Diary, who: str) -> Page | None:
    """One try; None where no answer came, and whether it was carried out is not known."""
    with diary.asking(who, Deed.CLAIM, about=wish.drop_id, key=wish.key, quantity=wish.quantity) as asked:
        try:
            page = browser.send_json(wish.path, wish.body(again=again), **wish.headers)
        except (OSError, HTTPException) as lost:
            asked.lost(type(lost).__name__)
            return None
        asked.heard(page.status, heard_in(page.text))
        return page
