"""Shoppers as a server sees them: a signed cookie, an address, a key of their own for each ask."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final
from uuid import UUID, uuid4

from config.local.load.requests import get, post_json
from shop.door.shopper import COOKIE, SIGNER

# What a browser says beside; addresses are of the range that carriers share among their customers (RFC 6598).
BROWSER: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
}
NETWORKS: Final = 60_000


@dataclass(frozen=True)
class Crowd:
    """Asks of one drop, each by another shopper: `asks[i]` is sent by `shoppers[i]`."""

    drop_id: int
    shoppers: list[UUID]
    asks: list[bytes]

    def again(self, places: Iterable[int]) -> "Crowd":
        """These of them at their next try, which says that it is one, as the page's script does."""
        chosen = list(places)
        return Crowd(
            self.drop_id, [self.shoppers[place] for place in chosen], [_next_try(self.asks[place]) for place in chosen]
        )


class Shoppers:
    """New people, as many as needed. `host` is the address bar's."""

    def __init__(self, *, host: str) -> None:
        self.host = host
        self._numbers = count()

    def claiming(self, drop_id: int, *, how_many: int) -> Crowd:
        """So many shoppers who want one piece each."""
        shoppers = [uuid4() for _ in range(how_many)]
        return Crowd(drop_id, shoppers, [self._claim(drop_id, shopper) for shopper in shoppers])

    def looking(self, path: str, *, how_many: int) -> list[bytes]:
        """So many guests without a cookie who open a page."""
        headers = {**BROWSER, "Accept": "text/html", "Sec-Fetch-Site": "none"}
        return [
            get(path, host=self.host, headers={**headers, "X-Forwarded-For": self._address()}) for _ in range(how_many)
        ]

    def _claim(self, drop_id: int, shopper: UUID) -> bytes:
        return post_json(
            f"/drops/{drop_id}/claim/",
            {"quantity": 1},
            host=self.host,
            cookies={COOKIE: SIGNER.sign(str(shopper))},
            headers={
                **BROWSER,
                "Accept": "application/json",
                "Sec-Fetch-Site": "same-origin",
                "Idempotency-Key": str(uuid4()),
                "X-Forwarded-For": self._address(),
            },
        )

    def _address(self) -> str:
        number = next(self._numbers) % NETWORKS
        return f"100.{64 + number // 65_536}.{number // 256 % 256}.{number % 256}"


def _next_try(ask: bytes) -> bytes:
    head, _, body = ask.partition(b"\r\n\r\n")
    said = json.dumps({**json.loads(body), "again": True}).encode()
    return head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % len(said)) + b"\r\n\r\n" + said
