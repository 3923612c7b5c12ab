"""From single measurements to the figures of a run: medians over the rounds, ratios within each round."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

# Each ratio is taken within one round, where both were measured one after the other, and the median is told.
CEILINGS: Final = {
    "claims": ("claims_per_s", "pg_ceiling_per_s"),
    "sold_out": ("sold_out_per_s", "hello_per_s"),
    "early": ("early_per_s", "hello_per_s"),
    "page": ("page_per_s", "hello_per_s"),
}
RATES: Final = ("hello_per_s", "pg_ceiling_per_s", "claims_per_s", "sold_out_per_s", "early_per_s", "page_per_s")
LATENCIES: Final = ("claim_p50_ms", "claim_p99_ms")


def figures_of(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The medians of each figure and of each ratio to its ceiling; a ratio without a ceiling is 0."""
    rates = {name: round(median(one[name] for one in rounds), 1) for name in RATES}
    latencies = {name: round(median(one[name] for one in rounds), 2) for name in LATENCIES}
    ratios = {
        f"{name}_ratio": round(median(_ratio(one[figure], one[ceiling]) for one in rounds), 3)
        for name, (figure, ceiling) in CEILINGS.items()
    }
    return rates | latencies | ratios


def _ratio(figure: float, ceiling: float) -> float:
    return figure / ceiling if ceiling else 0.0
