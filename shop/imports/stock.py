"""Stock from a file: what the file changed since it was imported last, and never what was sold meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Sum

from shop.catalog.models import Variant
from shop.core.db import inside_transaction
from shop.stock.levels import receive, receive_first
from shop.stock.models import Reason, StockLevel, StockMove


@dataclass
class Counted:
    """Whether any level moved, and for which of the variants (by place) the file could not be followed."""

    moved: bool = False
    problems: list[tuple[int, str]] = field(default_factory=list)


@inside_transaction
def count_in(variants: Sequence[Variant], stock: Sequence[int | None]) -> Counted:
    """Move each variant's level by the difference between this file's number and the last import's.

    So a file imported again moves nothing, and what was sold or received since stays. None is not counted.
    """
    counted = Counted()
    before, levels = _imported_before(variants), _levels(variants)
    first = {}
    for place, (variant, number) in enumerate(zip(variants, stock, strict=True)):
        total, times = before.get(variant.pk, (0, 0))
        delta = 0 if number is None else number - total
        level = levels.get(variant.pk)
        if level is None and delta:
            first[variant.pk] = delta
        elif level and level.free + delta < 0:
            counted.problems.append((place, f"its stock stays as it is: {-delta} of {level.free} cannot be taken away"))
        elif delta:
            reason = Reason.RECEIVED if delta > 0 else Reason.RECOUNTED
            receive(variant=variant, quantity=delta, reference=f"import:{times + 1}:{variant.pk}", reason=reason)
            counted.moved = True
    receive_first(quantities=first, reference="import:1")
    counted.moved |= bool(first)
    return counted


def _levels(variants: Sequence[Variant]) -> dict[int, StockLevel]:
    """The levels there are, by variant, locked: nobody sells what is about to be taken away."""
    levels = StockLevel.objects.select_for_update().filter(variant__in=variants).order_by("variant_id")
    return {level.variant_id: level for level in levels}


def _imported_before(variants: Sequence[Variant]) -> dict[int, tuple[int, int]]:
    """What imports have moved so far, by variant: (units, times)."""
    moves = StockMove.objects.filter(level__variant__in=variants, reference__startswith="import:")
    sums = moves.values_list("level__variant").annotate(Sum("delta"), Count("pk"))
    return {variant_id: (total, times) for variant_id, total, times in sums}
