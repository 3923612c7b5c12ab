"""What shoppers were told against what the rows say."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from config.local.bench.shoppers import Crowd
from config.local.load.processes import Heard


@dataclass
class Ledger:
    """Every piece that an answer promised, to whom; a piece that was promised twice is counted."""

    promised: dict[tuple[int, int], str] = field(default_factory=dict)
    promised_twice: int = 0

    def note(self, crowd: Crowd, heard: Heard) -> Counter[str]:
        """Write down what a crowd heard; how often each answer came: "held", a refusal's code, or "unknown"."""
        answers: Counter[str] = Counter()
        for place, reply, _ in heard:
            said: dict[str, Any] = json.loads(reply.body) if reply.status else {"code": "unknown"}
            if reply.status == HTTPStatus.OK:
                answers["held"] += 1
                self._promise(crowd, place, said["numbers"])
            else:
                answers[said["code"]] += 1
        return answers

    def oversold(self, owners: Mapping[tuple[int, int], str]) -> int:
        """Promises that were made twice, or that the rows do not keep: `owners` says who owns (drop, number)."""
        broken = sum(owners.get(piece) != shopper for piece, shopper in self.promised.items())
        return self.promised_twice + broken

    def _promise(self, crowd: Crowd, place: int, numbers: Iterable[int]) -> None:
        for number in numbers:
            piece = (crowd.drop_id, number)
            self.promised_twice += piece in self.promised
            self.promised[piece] = str(crowd.shoppers[place])
