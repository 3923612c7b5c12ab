"""Playing a script: the house is copied, the audience comes in, the drops open one by one, and all is counted."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg

from config.local.children import spawn
from config.local.place import ROOT
from config.local.rehearse.figures import (
    AUDIENCE,
    OTHERS,
    DropFigures,
    Figures,
    Times,
    figures_of_drop,
    orders_in,
    times_of,
)
from config.local.rehearse.machine import busy_share, busy_ticks, cpu_seconds
from config.local.rehearse.script import Script
from config.local.rehearse.stage import BILL, HEARD, PAID, DropTerms, Stage, write_stage
from config.local.rehearse.theatre import seats, set_up, theatre
from config.local.say import Progress, Trouble
from config.local.stack import Stack

MOST_VIEWERS: Final = 10_000
LEAST_DROP_S: Final = 5
LEAST_LEAD_S: Final = 5.0
COME_IN_A_SECOND: Final = 40
PROCESSES_KEEP: Final = 300  # open files that are no viewer's
FIRST_PAGE_PATIENCE_S: Final = 60


def seconds_needed(script: Script) -> int:
    """How long a rehearsal of these drops must be at least."""
    return len(script.drops) * LEAST_DROP_S


def play(script: Script, *, viewers: int, seconds: int, progress: Progress, durable: bool = True) -> Figures:
    """Rehearse; what came of it. Must be called from the main thread. Raises Trouble."""
    if viewers > (most := (seats() - PROCESSES_KEEP) // 2):
        raise Trouble(
            f"this machine lets a program open so few files that {most:,} viewers are the most (`ulimit -n`)."
        )
    lead_s = max(LEAST_LEAD_S, viewers / COME_IN_A_SECOND)
    told: dict[str, object] = {
        "script": asdict(script),
        "viewers": viewers,
        "seconds": seconds,
        "lead_s": lead_s,
    }
    with theatre(told, durable=durable, progress=progress) as standing:
        _visit(f"{standing.base_url}/e/{script.address}/")
        set_up(standing.house, "announce")
        bill = json.loads((standing.house.place.folder / BILL).read_text())
        write_stage(standing.house.place.folder, _stage(script, bill, standing, viewers=viewers, lead_s=lead_s))
        progress.line(
            f"  {viewers:,} viewers come in; the first drop opens in {lead_s:.0f} s, the last closes {seconds} s later"
        )
        ran_s, processors = _run_audience(standing)
        return _count(script, bill, standing, viewers=viewers, seconds=seconds, ran_s=ran_s, processors=processors)


def _stage(script: Script, bill: dict[str, Any], standing: Stack, *, viewers: int, lead_s: float) -> Stage:
    last = bill["drops"][-1]
    terms = {
        str(one["id"]): DropTerms(planned.allotment["per_person"], planned.allotment["code_word"])
        for one, planned in zip(bill["drops"], script.drops, strict=True)
    }
    return Stage(
        base_url=standing.base_url,
        show=f"/e/{script.address}/",
        store=script.store["handle"],
        viewers=viewers,
        arrive_s=lead_s - 2,
        ends_at=last["opens_at"] + last["slot"]["lasts_s"],
        drops=terms,
        cookies=bill["cookies"],
    )


def _run_audience(standing: Stack) -> tuple[float, dict[str, float]]:
    """Let them watch and pay until all is over; the seconds it took, and each part's share of the machine."""
    folder = standing.house.place.folder
    roots = {child.program.name: child.process.pid for wave in standing.supervisor.waves for child in wave}
    before, ours, ticks, began = cpu_seconds(roots), _children_s(), busy_ticks(), time.monotonic()
    with (standing.house.place.logs / "audience.log").open("wb") as log:
        audience = spawn(
            [sys.executable, "-m", "config.local.rehearse.spectators", str(folder)],
            env=standing.house.environment(),
            cwd=ROOT,
            log=log.fileno(),
        )
    try:
        standing.supervisor.watch(until=lambda: audience.poll() is not None)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(audience.pid, signal.SIGKILL)
        audience.wait()
    if audience.returncode:
        said = Path(log.name).read_text(errors="replace").strip()
        raise Trouble(f"the audience stopped (exit code {audience.returncode}):\n{said[-2000:]}")
    ran_s = time.monotonic() - began
    after, busy = cpu_seconds(roots), busy_share(ticks, busy_ticks())
    used = {name: after[name] - before[name] for name in before.keys() & after.keys()}
    used |= {AUDIENCE: _children_s() - ours} if used else {}
    whole = ran_s * (os.cpu_count() or 1)
    shares = {name: max(0.0, spent) / whole for name, spent in used.items()}
    if busy is not None and shares:
        shares[OTHERS] = max(0.0, busy - sum(shares.values()))
    return ran_s, shares


def _count(
    script: Script,
    bill: dict[str, Any],
    standing: Stack,
    *,
    viewers: int,
    seconds: int,
    ran_s: float,
    processors: dict[str, float],
) -> Figures:
    folder = standing.house.place.folder
    heard, paid = json.loads((folder / HEARD).read_text()), json.loads((folder / PAID).read_text())
    with psycopg.connect(standing.house.database_url, autocommit=True) as connection:
        drops: list[DropFigures] = [
            figures_of_drop(connection, planned, drop_id=one["id"], slot=one["slot"], claims=heard["claims"])
            for one, planned in zip(bill["drops"], script.drops, strict=True)
        ]
        orders_paid, orders = orders_in(connection)
    return Figures(
        address=script.address,
        title=script.event["title"],
        viewers=viewers,
        seconds=seconds,
        ran_s=ran_s,
        followers=script.followers,
        drops=drops,
        times=_times(heard),
        orders=orders,
        orders_paid=orders_paid,
        paying_ms=times_of([(one["status"], one["took_s"]) for one in paid["asked"] if one["deed"] == "pay"]),
        troubles=paid["troubles"],
        processors=processors,
        cores=os.cpu_count() or 1,
        broken=_broken_invariants(standing),
    )


def _times(heard: dict[str, Any]) -> dict[str, Times]:
    """Of each kind of answer; a claim that is refused is answered well."""
    claims = [
        (200 if claim["outcome"] in ("ok", "refused") else claim["status"], claim["took_s"])
        for claim in heard["claims"]
    ]
    return {"claim": times_of(claims), **{what: times_of(told) for what, told in heard["told"].items()}}


def _broken_invariants(standing: Stack) -> list[str]:
    """What `manage.py check_invariants` says of the copy; empty when all holds."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check_invariants"],
        env=standing.house.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return (
        [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()] if done.returncode else []
    )


def _visit(url: str) -> None:
    """Once, so that the first viewer does not wait for what is read only once. Raises Trouble."""
    try:
        with urlopen(url, timeout=FIRST_PAGE_PATIENCE_S):  # noqa: S310 - our own address
            pass
    except HTTPError as refused:
        raise Trouble(f"the copy's page {url} is answered with {refused.code}.") from refused


def _children_s() -> float:
    """Processor seconds of our children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
