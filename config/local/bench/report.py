"""A run's figures for people: a table beside their ceilings, kept as a file, and printed in the README."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from config.local.binaries import postgres_bin
from config.local.place import ROOT
from config.local.say import Trouble

RESULTS: Final = ROOT / "bench" / "results"
README: Final = ROOT / "README.md"
BETWEEN: Final = re.compile(r"(?<=<!-- bench -->\n).*?(?=<!-- /bench -->)", re.DOTALL)

# (what is measured, its figure, what that is held against)
ROWS: Final = (
    (
        "pieces claimed over HTTP, 64 connections",
        "{claims_per_s:,.0f}/s",
        "{claims_ratio:.2f} × single claims by pgbench ({pg_ceiling_per_s:,.0f}/s)",
    ),
    ("the same, p50 and p99", "{claim_p50_ms:.1f} and {claim_p99_ms:.1f} ms", ""),
    (
        "“sold out”",
        "{sold_out_per_s:,.0f}/s",
        "{sold_out_ratio:.2f} × a view that does nothing ({hello_per_s:,.0f}/s)",
    ),
    ("“not yet”", "{early_per_s:,.0f}/s", "{early_ratio:.2f} × the same"),
    ("the live page, for a new guest", "{page_per_s:,.0f}/s", "{page_ratio:.2f} × the same"),
    ("1,000 pieces, 5,000 shoppers at once", "{sellout_s:.2f} s until the last is held", ""),
    ("sold twice, left over, rules broken", "{oversold}, {undersold}, {invariants_broken}", "0, 0, 0"),
    (
        "claims/s after {wear_pieces:,} pieces of the drop",
        "{claims_after_100k_ratio:.2f} ×",
        "the rate of the first of it",
    ),
    (
        "SQL statements: a claim, a group of claims",
        "{sql_per_claim:.3f}, {sql_per_group:.2f}",
        "grouping shares them",
    ),
    ("SQL statements: a “sold out”, a live page", "{sql_per_sold_out:.3f}, {sql_per_page:.2f}", ""),
    ("memory of web and tick under load", "{rss_mb:,.0f} MB", ""),
    ("the load driver's share of all cores", "{driver_share:.0%} at most", "it runs beside what it measures"),
)


def surroundings(*, is_quick: bool, note: str) -> dict[str, Any]:
    """Where and of what a run is."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    postgres = subprocess.run(
        [postgres_bin(None) / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip() or None,
        "is_quick": is_quick,
        "note": note,
        "machine": {
            "cores": os.cpu_count(),
            "processor": _processor(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "postgresql": postgres.stdout.split()[-1],
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """The figures as a Markdown table."""
    rows = [tuple(cell.format(**result) for cell in row) for row in (("", "this run", "beside"), ("---",) * 3, *ROWS)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def said_of(result: Mapping[str, Any]) -> str:
    """When, where and how often, in a sentence, and what was noted beside."""
    machine, kind = result["machine"], "Quick run" if result["is_quick"] else "Full run"
    cores = f"{machine['cores']} cores of {machine['processor']}"
    return (
        f"{kind} of {result['date'][:10]}, medians of {result['rounds']} rounds; server, database and load share "
        f"{cores}; Python {machine['python']}, PostgreSQL {machine['postgresql']}, durable. {result['note']}"
    ).strip()


def keep(result: Mapping[str, Any], *, name: str | None = None) -> Path:
    """Write it to `bench/results/`; the place, as seen from the project."""
    place = RESULTS / f"{name or _name_of(result)}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(result, indent=2) + "\n")
    return place.relative_to(ROOT)


def newest() -> dict[str, Any]:
    """The full run that was kept last, a quick one where there is none. Raises Trouble where nothing was kept."""
    kept = [json.loads(path.read_text()) for path in RESULTS.glob("*.json")]
    if not kept:
        raise Trouble("there is nothing in bench/results yet; make a run with ./run bench.")
    return max(kept, key=lambda result: (not result["is_quick"], result["date"]))


def write_readme(result: Mapping[str, Any], *, readme: Path = README) -> None:
    """Put the table between the README's two marks. Raises Trouble where they are missing."""
    text, found = BETWEEN.subn(lambda _: f"{said_of(result)}\n\n{table(result)}\n", readme.read_text())
    if not found:
        raise Trouble(f"{readme.name} has no place for the table: <!-- bench --> and <!-- /bench -->, a line each.")
    readme.write_text(text)


def _name_of(result: Mapping[str, Any]) -> str:
    return f"{result['date'][:16].replace(':', '')}-{result['commit'] or 'unknown'}"


def _processor() -> str:
    """The name that Linux gives it, or what the platform knows."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except FileNotFoundError:
        found = None
    return found[1] if found else platform.processor()
