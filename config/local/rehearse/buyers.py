"""`python -m config.local.rehearse.buyers FOLDER`: who holds a piece and what becomes of it; a line each on stdin.

They are the demo's people, in more of a hurry: they check out, pay in the sandbox, are declined, forget, let go.
"""

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Final

from config.local.audience import TROUBLES, Viewer
from config.local.crowd import Pace, somebody
from config.local.diary import Deed, Diary
from config.local.rehearse.stage import PAID, Stage, read_stage
from config.local.world import World

MOST_LETTERS: Final = 160
AT_ONCE: Final = 200
FINISH_WITHIN_S: Final = 45
PACE: Final = Pace(
    decides=(0.5, 3),
    types=(1.5, 5),
    tries_again=(1, 3),
    proves=(1, 3),
    forgets=(0, 0),
)


def main() -> int:
    folder = Path(sys.argv[1])
    stage, stop, diary = read_stage(folder), Event(), Diary()
    troubles: Counter[str] = Counter()
    habits: Counter[str] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as tills:
        paying: list[Future[None]] = []
        for line in sys.stdin:
            said = json.loads(line)
            if "all" in said:
                break
            paying.append(tills.submit(_buy, stage, said["cookies"], stop, diary, troubles, habits))
        else:
            os._exit(1)  # the audience was cut off, so nobody waits for us
        wait(paying, timeout=FINISH_WITHIN_S)
        stop.set()
    asked = [asdict(entry) for entry in diary.of(Deed.CHECK_OUT, Deed.PAY)]
    (folder / PAID).write_text(json.dumps({"asked": asked, "habits": habits, "troubles": troubles}))
    return 0


def _buy(
    stage: Stage,
    cookies: Mapping[str, str],
    stop: Event,
    diary: Diary,
    troubles: Counter[str],
    habits: Counter[str],
) -> None:
    dice = random.Random()
    world = World(stage.base_url, sandbox_url="", secret_key="")
    viewer = Viewer(world, stage.store, stop, dice, somebody(dice), world.visitor(), pace=PACE, diary=diary)
    viewer.browser.wear(cookies)
    habits[viewer.person.habit.value] += 1
    if viewer.think(PACE.decides):
        return
    try:
        viewer.settle(stage.show)
    except TROUBLES as trouble:
        troubles[str(trouble).replace(stage.base_url, "")[:MOST_LETTERS] or type(trouble).__name__] += 1


if __name__ == "__main__":
    sys.exit(main())
