"""What the audience of a rehearsal knows, and the files in which its processes leave word for each other."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

SCRIPT: Final = "script.json"
BILL: Final = "bill.json"
STAGE: Final = "stage.json"
HEARD: Final = "heard.json"
PAID: Final = "paid.json"

Told = tuple[int, float]  # an answer's status (0: none came) and the seconds that it took


@dataclass(frozen=True)
class DropTerms:
    """What somebody knows who wants a piece."""

    per_person: int
    code_word: str


@dataclass(frozen=True)
class Stage:
    """The house's address, the show's path, the drops by id, and the audience."""

    base_url: str
    show: str
    store: str
    viewers: int
    arrive_s: float
    ends_at: float
    drops: dict[str, DropTerms]
    cookies: list[dict[str, str]]

    @property
    def netloc(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.base_url).port or 80


def read_stage(folder: Path) -> Stage:
    """What write_stage() wrote."""
    said: dict[str, Any] = json.loads((folder / STAGE).read_text())
    drops = {drop_id: DropTerms(**terms) for drop_id, terms in said["drops"].items()}
    return Stage(**{**said, "drops": drops})


def write_stage(folder: Path, stage: Stage) -> None:
    """Leave it for the audience's processes."""
    drops = {drop_id: vars(terms) for drop_id, terms in stage.drops.items()}
    (folder / STAGE).write_text(json.dumps({**vars(stage), "drops": drops}))
