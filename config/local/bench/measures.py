"""One measurement each: what is asked, of what, for how long, and the figure that comes of it."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

from config.local.bench import props
from config.local.bench.ledger import Ledger
from config.local.bench.memory import megabytes_of
from config.local.bench.pgbench import claim_singly
from config.local.bench.shoppers import Crowd, Shoppers
from config.local.bench.stage import Stage
from config.local.bench.statements import Statements, counted
from config.local.load.processes import Drivers, Heard, Load
from config.local.load.result import Result
from liveevents.drops.models import Drop
from liveevents.events.models import LiveEvent

CONNECTIONS: Final = 64
SELLOUT_PIECES, SELLOUT_SHOPPERS, SELLOUT_CONNECTIONS = 1_000, 5_000, 256
COMES_AGAIN_S: Final = 1.0
PGBENCH_WARMS_S: Final = 2.0
GUESTS: Final = 1_000
# How much more than the last time is prepared, so that it does not run out before the seconds do; and the first time.
SPARE: Final = 1.5
FIRST_GUESS_PER_S: Final = 1_500.0


@dataclass
class Bench:
    """The stage with its props, and what is noted beside the figures."""

    stage: Stage
    drivers: Drivers
    show: LiveEvent
    backstage: LiveEvent
    shoppers: Shoppers
    ledger: Ledger = field(default_factory=Ledger)
    claimed: list[Drop] = field(default_factory=list)
    strange_answers: Counter[str] = field(default_factory=Counter)
    rates: dict[str, float] = field(default_factory=dict)
    driver_share: float = 0.0
    rss_mb: float = 0.0

    def put_up(self, pieces: int) -> Drop:
        """A drop of so many pieces that is open."""
        drop = props.put_up(self.backstage, pieces=pieces)
        props.settle_statistics()
        return drop

    def pg_ceiling_per_s(self, *, seconds: float) -> float:
        """Single claims by pgbench through the same function, without web: those of the last seconds.

        A connection's first claims cost ten times as much as its later ones: catalogue and plans are read for them.
        """
        takes_s = math.ceil(seconds + PGBENCH_WARMS_S)
        drop = self.put_up(self._enough("single claims", takes_s))
        url = self.stage.house.database_url
        claim_singly(database_url=url, sale_id=drop.allotment_id, clients=CONNECTIONS, seconds=takes_s)
        self.rates["single claims"] = per_s = props.claimed_per_s(drop, last_s=seconds)
        return per_s

    def claims(self, *, seconds: float) -> Result:
        """Shoppers who get a piece each, as long as that."""
        pieces = self._enough("claims", seconds)
        result = self.claims_of(self.put_up(pieces), how_many=pieces, seconds=seconds)
        self.rates["claims"] = result.per_s(HTTPStatus.OK)
        return result

    def claims_of(self, drop: Drop, *, how_many: int, seconds: float | None = None) -> Result:
        """So many shoppers who claim a piece each of a drop whose pieces suffice."""
        crowd = self.shoppers.claiming(drop.pk, how_many=how_many)
        result, heard = self._drive(self._load(crowd.asks, seconds=seconds, keeps_replies=True))
        self._note(drop, crowd, heard, expected={"held"})
        return result

    def refusals_per_s(self, drop: Drop, *, seconds: float) -> float:
        """Claims of a drop that nobody can have a piece of, each by somebody else."""
        kind = f"refusals of {drop.pk}"
        crowd = self.shoppers.claiming(drop.pk, how_many=self._enough(kind, seconds))
        result, _ = self._drive(self._load(crowd.asks, seconds=seconds))
        self._expect(result, HTTPStatus.CONFLICT)
        self.rates[kind] = per_s = result.per_s(HTTPStatus.CONFLICT)
        return per_s

    def page_per_s(self, path: str, *, seconds: float) -> float:
        """A page for guests without a cookie."""
        load = self._load(self.shoppers.looking(path, how_many=GUESTS), seconds=seconds)
        result, _ = self._drive(replace(load, repeats=True))
        self._expect(result, HTTPStatus.OK)
        return result.per_s(HTTPStatus.OK)

    def sellout(self) -> dict[str, float]:
        """Everybody at once: the seconds until the last piece was promised, and how many pieces nobody got.

        Who finds too many before them is sent away, and comes again after a second, as the page's script does.
        """
        drop = self.put_up(SELLOUT_PIECES)
        crowd = self.shoppers.claiming(drop.pk, how_many=SELLOUT_SHOPPERS)
        promised_at, began, sent_away = [0.0], 0.0, 0
        while crowd.asks:
            result, heard = self._drive(self._load(crowd.asks, connections=SELLOUT_CONNECTIONS, keeps_replies=True))
            self._note(drop, crowd, heard, expected={"held", "sold_out", "busy"})
            began = began or result.began
            won = [kept.after_s for kept in heard if kept.reply.status == HTTPStatus.OK]
            promised_at += [result.began - began + after_s for after_s in won]
            crowd = crowd.again(kept.place for kept in heard if kept.reply.status == HTTPStatus.SERVICE_UNAVAILABLE)
            sent_away += len(crowd.asks)
            time.sleep(COMES_AGAIN_S if crowd.asks else 0)
        return {
            "sellout_s": round(max(promised_at), 3),
            "sellout_sent_away": sent_away,
            "undersold": props.free_pieces(drop),
        }

    def statements(self, requests: Sequence[bytes]) -> Statements:
        """What web sends to PostgreSQL while these requests are answered."""
        with counted(self.stage.database_log) as found:
            self._drive(self._load(requests))
        return found

    def sold_out_drop(self) -> Drop:
        """A drop whose only piece is taken."""
        drop = self.put_up(1)
        self.claims_of(drop, how_many=1)
        return self._checked(drop, because="sold_out")

    def early_drop(self) -> Drop:
        """A drop that opens in an hour."""
        drop = props.put_up(self.backstage, pieces=SELLOUT_PIECES, opens_in=props.LASTS)
        return self._checked(drop, because="not_yet")

    def _checked(self, drop: Drop, *, because: str) -> Drop:
        """The drop, once a few have heard that."""
        crowd = self.shoppers.claiming(drop.pk, how_many=10)
        _, heard = self._drive(self._load(crowd.asks, keeps_replies=True))
        self._note(drop, crowd, heard, expected={because})
        return drop

    def _enough(self, kind: str, seconds: float) -> int:
        return int(SPARE * seconds * self.rates.get(kind, FIRST_GUESS_PER_S))

    def _load(
        self,
        requests: Sequence[bytes],
        *,
        seconds: float | None = None,
        connections: int = CONNECTIONS,
        keeps_replies: bool = False,
    ) -> Load:
        return Load(
            port=self.stage.port,
            connections=connections,
            requests=requests,
            seconds=seconds,
            keeps_replies=keeps_replies,
        )

    def _drive(self, load: Load) -> tuple[Result, Heard]:
        result, heard = self.drivers.run(load)
        self.driver_share = max(self.driver_share, result.driver_share)
        self.rss_mb = max(self.rss_mb, megabytes_of(self.stage.groups))
        return result, heard

    def _note(self, drop: Drop, crowd: Crowd, heard: Heard, *, expected: set[str]) -> None:
        """Keep the promises that were made, and whatever answer should not have come."""
        self.claimed.append(drop)
        answers = self.ledger.note(crowd, heard)
        self.strange_answers.update({code: number for code, number in answers.items() if code not in expected})

    def _expect(self, result: Result, status: HTTPStatus) -> None:
        strange = {f"status {other}": number for other, number in result.statuses.items() if other != status}
        self.strange_answers.update(strange)
