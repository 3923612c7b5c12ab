"""One run from its warm-up to its last check."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from config.invariants import broken_invariants
from config.local.bench import props
from config.local.bench.figures import figures_of
from config.local.bench.measures import Bench
from config.local.bench.shoppers import Shoppers
from config.local.bench.stage import Stage
from config.local.load.processes import Drivers
from config.local.say import Progress
from liveevents.drops.models import Drop
from shop.stock.claiming import Ask, claim_together

HELLO: Final = "/bench/hello/"
COUNTED: Final = 1_000
GROUP: Final = 64


@dataclass(frozen=True)
class Pace:
    """How often, and how long each; `wear_pieces` are taken of one drop before its claims are measured again."""

    rounds: int
    claims_s: float
    pages_s: float
    warm_s: float
    wear_pieces: int
    wear_claims: int


FULL: Final = Pace(rounds=5, claims_s=4, pages_s=3, warm_s=2, wear_pieces=100_000, wear_claims=8_000)
QUICK: Final = Pace(rounds=2, claims_s=2, pages_s=1, warm_s=0.5, wear_pieces=10_000, wear_claims=2_000)


@dataclass(frozen=True)
class Closed:
    """Drops that nobody can claim: one that is sold out, one that opens later."""

    late: Drop
    early: Drop


def measure(stage: Stage, *, pace: Pace, progress: Progress) -> dict[str, Any]:
    """Every figure of a run."""
    with Drivers() as drivers:
        bench = Bench(stage, drivers, props.shown_show(), props.backstage(), Shoppers(host=stage.host))
        with progress.step("warm"):
            closed = Closed(late=bench.sold_out_drop(), early=bench.early_drop())
            _round(bench, closed, claims_s=pace.warm_s, pages_s=pace.warm_s)
        rounds = []
        for number in range(pace.rounds):
            with progress.step(f"round {number + 1} of {pace.rounds}"):
                rounds.append(_round(bench, closed, claims_s=pace.claims_s, pages_s=pace.pages_s))
        with progress.step("sell-out, wear, statements, checks"):
            after = {
                **bench.sellout(),
                "claims_after_100k_ratio": round(_wear(bench, pace), 3),
                "wear_pieces": pace.wear_pieces,
                **_statements(bench, closed),
                **_checks(bench),
            }
        return {"rounds": pace.rounds, **figures_of(rounds), **after, **_beside(bench)}


def _round(bench: Bench, closed: Closed, *, claims_s: float, pages_s: float) -> dict[str, float]:
    """Each figure once, beside its ceiling."""
    ceiling = bench.pg_ceiling_per_s(seconds=claims_s)
    claims = bench.claims(seconds=claims_s)
    return {
        "pg_ceiling_per_s": ceiling,
        "claims_per_s": claims.per_s(200),
        "claim_p50_ms": claims.latency_ms(0.5),
        "claim_p99_ms": claims.latency_ms(0.99),
        "hello_per_s": bench.page_per_s(HELLO, seconds=pages_s),
        "sold_out_per_s": bench.refusals_per_s(closed.late, seconds=pages_s),
        "early_per_s": bench.refusals_per_s(closed.early, seconds=pages_s),
        "page_per_s": bench.page_per_s(_live_page(bench), seconds=pages_s),
    }


def _live_page(bench: Bench) -> str:
    return f"/e/{bench.show.store.handle}/{bench.show.slug}/"


def _wear(bench: Bench, pace: Pace) -> float:
    """Claims a second once so many pieces of the drop are taken, through what was measured at its start."""
    drop = bench.put_up(pace.wear_pieces + 2 * pace.wear_claims)
    fresh = bench.claims_of(drop, how_many=pace.wear_claims).per_s(200)
    _take(drop, pieces=pace.wear_pieces - pace.wear_claims)
    worn = bench.claims_of(drop, how_many=pace.wear_claims).per_s(200)
    return worn / fresh if fresh else 0.0


def _take(drop: Drop, *, pieces: int) -> None:
    """By the same function, in groups, without web."""
    for _ in range(-(-pieces // GROUP)):
        asks = [Ask(uuid4(), uuid4(), 1) for _ in range(GROUP)]
        claim_together(allotment_id=drop.allotment_id, asks=asks)


def _statements(bench: Bench, closed: Closed) -> dict[str, float]:
    """How many statements an answer costs, counted by PostgreSQL while nothing is timed."""
    drop = bench.put_up(COUNTED)
    claims = bench.statements(bench.shoppers.claiming(drop.pk, how_many=COUNTED).asks)
    late = bench.statements(bench.shoppers.claiming(closed.late.pk, how_many=COUNTED).asks)
    page = bench.statements(bench.shoppers.looking(_live_page(bench), how_many=COUNTED))
    return {
        "sql_per_claim": round(claims.count / COUNTED, 3),
        "sql_per_group": round(claims.count / claims.claim_calls, 3) if claims.claim_calls else 0.0,
        "sql_per_sold_out": round(late.count / COUNTED, 3),
        "sql_per_page": round(page.count / COUNTED, 3),
    }


def _checks(bench: Bench) -> dict[str, Any]:
    """What was promised against the rows, and everything that must always be true."""
    return {
        "oversold": bench.ledger.oversold(props.owners_of(bench.claimed)),
        "pieces_promised": len(bench.ledger.promised),
        "invariants_broken": len(broken_invariants()),
    }


def _beside(bench: Bench) -> dict[str, Any]:
    return {
        "rss_mb": round(bench.rss_mb, 1),
        "driver_share": round(bench.driver_share, 3),
        "strange_answers": dict(bench.strange_answers),
    }
