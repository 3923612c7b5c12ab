"""Pages kept for a moment. In a rush thousands open the same page, and it differs in little: the token and the keys of
its forms, and how long its clocks still run. So it is made once, cut there, and put together for each visitor.
"""

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.cache import patch_vary_headers

MOST_KEPT: Final = 200
RENEWERS: Final = 16
RENEWED_AFTER: Final = 0.7

# Printed in place of the visitor's token; nobody who writes titles can know it.
TOKEN: Final = f"token-{secrets.token_hex(16)}"
CUTS: Final = re.compile(
    rf"(?P<token>{TOKEN})"
    r'|(?<=name="key" value=")(?P<key>[0-9a-f-]{36})(?=")'
    r'|(?<=data-remaining-ms=")(?P<html_ms>[0-9]+)(?=")'
    r'|(?<="ms_to_open":)(?P<to_open_ms>[0-9]+)'
    r'|(?<="ms_left":)(?P<left_ms>[0-9]+)'
)


@dataclass(frozen=True)
class Mould:
    """A page of everybody: what all have in common, and between it, by kind, what each has of their own.

    It was true at `made_at` and is to be renewed from `old_at` on, instants of time.monotonic().
    """

    common: tuple[bytes, ...]
    own: tuple[tuple[str, str], ...]
    made_at: float
    old_at: float

    @classmethod
    def cut(cls, page: str, *, made_at: float, lasts_s: float) -> "Mould":
        """HTML, or JSON without spaces, cut into pieces."""
        common, own, end = [], [], 0
        for cut in CUTS.finditer(page):
            common.append(page[end : cut.start()].encode())
            own.append((cut.lastgroup or "", cut[0]))
            end = cut.end()
        common.append(page[end:].encode())
        return cls(tuple(common), tuple(own), made_at, made_at + lasts_s)

    def answer(
        self, request: HttpRequest, *, came_at: float, content_type: str = "text/html; charset=utf-8"
    ) -> HttpResponse:
        """The page of this visitor: with their token, keys that nobody else has, and clocks that ran on."""
        age_ms = max(0, int((came_at - self.made_at) * 1000))
        token = get_token(request) if any(kind == "token" for kind, _ in self.own) else ""
        whole = [self.common[0]]
        for (kind, said), common in zip(self.own, self.common[1:], strict=True):
            whole += [_own(kind, said, token=token, age_ms=age_ms).encode(), common]
        response = HttpResponse(b"".join(whole), content_type=content_type)
        patch_vary_headers(response, ["Cookie"])
        return response


def _own(kind: str, said: str, *, token: str, age_ms: int) -> str:
    match kind:
        case "token":
            return token
        case "key":
            return str(uuid4())
        case _:
            return str(max(0, int(said) - age_ms))


class Kept:
    """The pages of this process by name. One thread renews a page while the others still get the last one."""

    def __init__(self) -> None:
        self._moulds: OrderedDict[Hashable, Mould] = OrderedDict()
        self._renewers = [threading.Lock() for _ in range(RENEWERS)]

    def mould(self, name: Hashable, *, came_at: float, make: Callable[[], Mould]) -> Mould:
        """The kept page where it is young enough, else a new one; `came_at` of time.monotonic().

        Who finds it old waits for whoever makes it, and takes what was begun after they came.
        """
        found = self._moulds.get(name)
        if found and came_at < _renew_at(found):
            return found
        renewer = self._renewers[hash(name) % RENEWERS]
        if found and came_at < found.old_at and renewer.locked():
            return found
        with renewer:
            last = self._moulds.get(name)
            if last and last is not found and came_at < max(last.old_at, last.made_at):
                return last
            return self._keep(name, make())

    def forget(self) -> None:
        """Keep nothing any more."""
        self._moulds.clear()

    def _keep(self, name: Hashable, mould: Mould) -> Mould:
        self._moulds[name] = mould
        self._moulds.move_to_end(name)
        while len(self._moulds) > MOST_KEPT:
            self._moulds.popitem(last=False)
        return mould


def _renew_at(mould: Mould) -> float:
    """Early enough that the next one is ready before this one is old."""
    return mould.made_at + RENEWED_AFTER * (mould.old_at - mould.made_at)


PAGES: Final = Kept()
