"""What is in a parcel follows what its orders still want."""

from collections.abc import Iterable

from django.db.models import QuerySet

from shop.core.db import inside_transaction
from shop.core.states import advance
from shop.fulfilment.models import Parcel, ParcelItem
from shop.fulfilment.states import ParcelState

AT_HAND = (ParcelState.TO_PACK, ParcelState.MISSING, ParcelState.PACKED)


@inside_transaction
def locked(parcels: QuerySet[Parcel]) -> Iterable[Parcel]:
    """These parcels by id, locked until the transaction ends."""
    ids = sorted(parcels.values_list("id", flat=True))
    return list(Parcel.objects.select_for_update(of=("self",)).filter(id__in=ids).order_by("id"))


@inside_transaction
def follow_orders(parcel: Parcel) -> bool:
    """Take out of a locked parcel what was given back since; whether that changed it. Not once it is on its way.

    A packed parcel that changed is back on the table; a parcel with nothing left is EMPTY.
    """
    if parcel.state not in AT_HAND:
        return False
    changed = [
        item for item in parcel.items.select_related("order_line") if item.quantity != item.order_line.kept_quantity
    ]
    for item in changed:
        ParcelItem.objects.filter(id=item.id).update(quantity=item.order_line.kept_quantity)
    if changed and not parcel.items.filter(quantity__gt=0).exists():
        advance(parcel, ParcelState.EMPTY, missing_note="")
    elif changed and parcel.state == ParcelState.PACKED:
        advance(parcel, ParcelState.TO_PACK, packed_at=None, packed_by=None)
    return bool(changed)
