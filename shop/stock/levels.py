"""Ordinary stock: levels change with a move beside each change, in one conditional statement."""

from collections.abc import Mapping

from django.db.models import F

from shop.catalog.models import Variant
from shop.core.db import inside_transaction
from shop.stock.errors import OutOfStock, Uncounted
from shop.stock.models import Reason, StockLevel, StockMove


@inside_transaction
def receive(*, variant: Variant, quantity: int, reference: str, reason: Reason = Reason.RECEIVED) -> StockLevel:
    """More units arrived; once for each reference."""
    level, _ = StockLevel.objects.get_or_create(variant=variant)
    _move(level=level, delta=quantity, reason=reason, reference=reference)
    level.refresh_from_db()
    return level


@inside_transaction
def receive_first(*, quantities: Mapping[int, int], reference: str) -> None:
    """The first units (more than none) of variants that never had a level, id to quantity, in two statements.

    Each move's reference is the given one and the variant's id.
    """
    levels = StockLevel.objects.bulk_create(
        StockLevel(variant_id=variant_id, on_hand=quantity) for variant_id, quantity in quantities.items()
    )
    StockMove.objects.bulk_create(
        StockMove(level=level, delta=level.on_hand, reason=Reason.RECEIVED, reference=f"{reference}:{level.variant_id}")
        for level in levels
    )


@inside_transaction
def recount(*, variant: Variant, on_hand: int, reference: str) -> StockLevel:
    """Somebody counted: the level becomes on_hand, by one move, once for each reference.

    Raises Uncounted where unpaid orders keep more than that.
    """
    StockLevel.objects.get_or_create(variant=variant)
    level = StockLevel.objects.select_for_update().get(variant=variant)
    if on_hand < level.held:
        raise Uncounted(held=level.held)
    if on_hand != level.on_hand:
        _move(level=level, delta=on_hand - level.on_hand, reason=Reason.RECOUNTED, reference=reference)
    level.refresh_from_db()
    return level


@inside_transaction
def hold_stock(*, wanted: Mapping[int, int]) -> None:
    """Keep so many units of each variant (id to quantity) for an unpaid order, all or none.

    Raises OutOfStock(variant_id, left) for the first that has too few.
    """
    for variant_id, quantity in sorted(wanted.items()):
        taken = StockLevel.objects.filter(variant_id=variant_id, on_hand__gte=F("held") + quantity).update(
            held=F("held") + quantity
        )
        if not taken:
            raise _out_of_stock(variant_id)


@inside_transaction
def release_stock(*, wanted: Mapping[int, int]) -> None:
    """The payment died: nothing is kept any more."""
    for variant_id, quantity in sorted(wanted.items()):
        StockLevel.objects.filter(variant_id=variant_id).update(held=F("held") - quantity)


@inside_transaction
def sell_stock(*, wanted: Mapping[int, int], reference: str) -> None:
    """What was kept is sold; the reference, such as "attempt:UUID", makes it happen once."""
    for variant_id, quantity in sorted(wanted.items()):
        level = StockLevel.objects.get(variant_id=variant_id)
        _move(level=level, delta=-quantity, reason=Reason.SOLD, reference=f"{reference}:{variant_id}")


@inside_transaction
def put_back(*, variant_id: int, quantity: int, reference: str) -> None:
    """Refunded units are on the shelf again; once for each reference."""
    level = StockLevel.objects.get(variant_id=variant_id)
    _move(level=level, delta=quantity, reason=Reason.RETURNED, reference=reference)


@inside_transaction
def take_for_sale(*, variant: Variant, quantity: int, reference: str) -> None:
    """Units leave the shelf to become pieces.

    Raises OutOfStock(variant_id, left) where fewer are free.
    """
    level = StockLevel.objects.select_for_update().filter(variant=variant).first()
    if level is None or level.free < quantity:
        raise _out_of_stock(variant.pk)
    _move(level=level, delta=-quantity, reason=Reason.TO_DROP, reference=reference)


def _move(*, level: StockLevel, delta: int, reason: Reason, reference: str) -> bool:
    """Write the move and change the level by it; False, and nothing changed, where the reference was used."""
    _, is_new = StockMove.objects.get_or_create(
        reference=reference, defaults={"level": level, "delta": delta, "reason": reason}
    )
    if is_new:
        # A sale takes what it kept: held goes down with on_hand, in the same statement for the constraint's sake.
        kept = delta if reason == Reason.SOLD else 0
        StockLevel.objects.filter(pk=level.pk).update(on_hand=F("on_hand") + delta, held=F("held") + kept)
    return is_new


def _out_of_stock(variant_id: int) -> OutOfStock:
    """The refusal, with what is left."""
    level = StockLevel.objects.filter(variant_id=variant_id).first()
    return OutOfStock(variant_id=variant_id, left=level.free if level else 0)
