"""`./run chaos`: the whole house, drop after drop, everything killed in turn, and the proof that nobody lost anything.

It starts a house of its own with a durable PostgreSQL, lets simulated people rush each drop while something dies,
waits until all is quiet, and holds what the people saw against the rows and Stripe's books. --seed repeats a plan.
"""

import argparse
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg

from config.local.audience import TROUBLES
from config.local.children import spawn
from config.local.journey.story import STORE
from config.local.place import ROOT
from config.local.say import Progress, Trouble, answer_for
from config.local.stack import Stack, stack
from config.local.world import World
from tests.chaos.checker import faults
from tests.chaos.evidence import Evidence, count_left_over, gather
from tests.chaos.history import read_history
from tests.chaos.misfortunes import Misfortunes
from tests.chaos.people import AT_HOME_WITHIN_S, Rush
from tests.chaos.plan import Act, plan
from tests.chaos.report import tell
from tests.chaos.stage import OPEN_S, Stage
from tests.chaos.watch import Watch

STATE: Final = ROOT / ".local" / "chaos"
PAYMENT_QUIET_S: Final = 3
CALM_S: Final = 1.5
QUIET_WITHIN_S: Final = 120
SETTLE_S: Final = 2.0
# Nobody waits here for the ten minutes of a payment page that did not open, the five of one that was left alone, or the
# minute of a letter whose sender died: their time is over now.
TIME_PASSES: Final = (
    """update shop_attempt set pay_until = stagedoor_now(), started_at = started_at - interval '10 min'
       where state in ('created', 'open')""",
    """update shop_mail set next_try_at = stagedoor_now()
       where state = 'sending' and next_try_at < stagedoor_now() + interval '45 s'""",
)


@dataclass
class Run:
    """One run in a house that stands."""

    stack: Stack
    seed: int
    progress: Progress
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        environment = self.stack.house.environment()
        self.world = World(self.stack.base_url, environment["STRIPE_API_BASE"], environment["STRIPE_SECRET_KEY"])
        self.diary = self.stack.house.place.logs / "diary.jsonl"
        self.stage, self.misfortunes = Stage(self.stack), Misfortunes(self.stack, self.world)

    def play(self, acts: list[Act]) -> bool:
        """The whole run; whether nothing was found. Raises Trouble, NotThere."""
        with self.progress.step(f"{len(acts)} drops planned"):
            self.stage.prepare(acts)
        people = self._people()
        with Watch(self.stack.house.database_url) as watch:
            for act in acts:
                self._play_act(act, people)
            self.misfortunes.soothe()
            self._wait_until_quiet(people)
        with self.progress.step("evidence"):
            evidence = self._evidence()
        found = faults(evidence)
        if watch.broken:
            found["What must always be true was true each second."] = [f"{at} {it}" for it, at in watch.broken.items()]
        if said := self._check_invariants():
            found["manage.py check_invariants finds nothing."] = said
        tell(evidence, found, watch=watch, progress=self.progress)
        return not found

    def _play_act(self, act: Act, people: "subprocess.Popen[bytes]") -> None:
        self.misfortunes.set_mood(act)
        opens_at = self.stage.announce(act)
        rush = Rush(
            drop=self.stage.drops[act.number],
            opens_at=opens_at,
            per_person=act.per_person,
            people=act.people,
            dice=f"{self.seed} {act.number}",
        )
        assert people.stdin is not None
        people.stdin.write(rush.line().encode())
        people.stdin.flush()
        self._say(f"drop {act.number}: {act.people} people, {act.pieces} pieces; Stripe {act.mood}")
        self._pass_time(until=opens_at + act.strikes_after_s)
        self._say(f"  {self.misfortunes.strike(act)}")
        self._pass_time(until=time.time() + CALM_S)

    def _wait_until_quiet(self, people: "subprocess.Popen[bytes]") -> None:
        """Everybody goes home, every drop ends, every clock runs out; then nothing should be left to do."""
        self._say("quiet: no more misfortunes, everybody goes home")
        assert people.stdin is not None
        people.stdin.close()
        over_at, home_by = time.time() + OPEN_S, time.time() + AT_HOME_WITHIN_S + 10
        self.stack.supervisor.watch(until=lambda: people.poll() is not None or time.time() > home_by)
        people.kill()
        people.wait()
        self._pass_time(until=over_at)
        with psycopg.connect(self.stack.house.database_url, autocommit=True) as database:
            for sql in TIME_PASSES:
                database.execute(sql.encode())
            give_up_at = time.time() + QUIET_WITHIN_S
            while (left := count_left_over(database)) and time.time() < give_up_at:
                self._pass_time(until=time.time() + 1)
        self._say("all is quiet" if not left else f"not quiet after {QUIET_WITHIN_S} s: {left}")
        self._pass_time(until=time.time() + SETTLE_S)

    def _evidence(self) -> Evidence:
        return gather(
            seen=read_history(self.diary),
            database_url=self.stack.house.database_url,
            world=self.world,
            drops=set(self.stage.drops.values()),
        )

    def _check_invariants(self) -> list[str]:
        """What the command complains of."""
        asked = [sys.executable, "manage.py", "check_invariants"]
        done = subprocess.run(
            asked, cwd=ROOT, env=self.stack.house.environment(), capture_output=True, text=True, check=False
        )
        return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()

    def _people(self) -> "subprocess.Popen[bytes]":
        words = ["--base-url", self.stack.base_url, "--store", STORE, "--show", self.stage.show]
        with (self.stack.house.place.logs / "people.log").open("ab") as log:
            return spawn(
                [sys.executable, "-m", "tests.chaos.people", *words, "--diary", str(self.diary)],
                env=self.stack.house.environment(),
                cwd=ROOT,
                log=log.fileno(),
                stdin=subprocess.PIPE,
            )

    def _pass_time(self, *, until: float) -> None:
        """Meanwhile what died by itself is started again, as in the demo."""
        self.stack.supervisor.watch(until=lambda: time.time() >= until)

    def _say(self, text: str) -> None:
        self.progress.line(f"  +{time.monotonic() - self.began:5.1f} s  {text}")


def main() -> int:
    options = _parse()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    progress = Progress(sys.stdout)
    progress.line(f"  seed {seed} (again with `./run chaos --seed {seed}`)")
    is_well = False
    with stack(STATE, port=options.port, fresh=True, payment_quiet_s=PAYMENT_QUIET_S, progress=progress) as standing:
        try:
            is_well = Run(standing, seed, progress).play(plan(seed, acts=options.acts))
        except (Trouble, *TROUBLES) as trouble:
            progress.line(f"  the house did not come back: {type(trouble).__name__}: {trouble}")
    if is_well and not options.keep:
        shutil.rmtree(STATE)
    else:
        progress.line(f"  diary and logs are in {STATE / 'log'}")
    return 0 if is_well else 1


def _parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeat the plan of an earlier run")
    parser.add_argument("--acts", type=int, help="how many drops (default: as many as there are deaths)")
    parser.add_argument("--port", type=int, help="the port of the house (default: a free one)")
    parser.add_argument("--keep", action="store_true", help="keep diary and logs though nothing was found")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(answer_for(main))
