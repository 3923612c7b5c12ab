"""What the desk reads: parcels of a store, for somebody who may see them."""

from django.db.models import Count, IntegerField, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from shop.accounts.models import User
from shop.fulfilment.models import Parcel, ParcelItem
from shop.fulfilment.states import ParcelState
from shop.orders.models import Order, OrderLine
from shop.stock.models import Piece
from shop.stores.models import Member, Role, Store

PACKERS = (Role.OWNER, Role.FULFILMENT)


def stores_to_pack_for(user: User) -> QuerySet[Store]:
    """The stores whose parcels this person packs, with `waiting`: how many wait for it."""
    waiting = Count("parcels", filter=Q(parcels__state=ParcelState.TO_PACK), distinct=True)
    mine = Store.objects.filter(members__user=user, members__role__in=PACKERS)
    return mine.annotate(waiting=waiting).order_by("name")


def parcels_of(*, user: User, store: Store, state: ParcelState) -> QuerySet[Parcel]:
    """A store's parcels in a state, with `units`, `kinds`, `first_shelf` and `order_count`; none for strangers.

    The oldest first as long as somebody has to do something with them, then the newest.
    """
    order = ("-shipped_at", "-id") if state in (ParcelState.SHIPPED, ParcelState.DELIVERED) else ("opened_at", "id")
    return (
        Parcel.objects.filter(store=store, state=state, store__members__in=_memberships(user))
        .select_related("ship_to", "packed_by")
        .annotate(
            units=Sum("items__quantity"),
            kinds=Count("items", filter=Q(items__quantity__gt=0)),
            first_shelf=Min("items__order_line__variant__shelf", filter=Q(items__quantity__gt=0)),
            order_count=Count("items__order_line__order", distinct=True),
        )
        .order_by(*order)
    )


def next_to_pack(*, user: User, store: Store, but: Parcel) -> Parcel | None:
    """The oldest parcel to pack, another than this one; None where the table is clear."""
    waiting = Parcel.objects.filter(store=store, state=ParcelState.TO_PACK, store__members__in=_memberships(user))
    return waiting.exclude(id=but.id).order_by("opened_at", "id").first()


def parcel_for(*, user: User, parcel_id: int, store: Store | None = None) -> Parcel:
    """A parcel (of this store, where one is named) with its store and items, for somebody who packs for that store.

    Raises Parcel.DoesNotExist.
    """
    parcels = Parcel.objects.filter(store__members__in=_memberships(user), **_of(store))
    return parcels.select_related("store", "ship_to", "packed_by").prefetch_related(_items()).get(id=parcel_id)


def has_left(*, order_id: int) -> bool:
    """Whether anything of an order is on its way to the buyer, or arrived."""
    gone = Parcel.objects.filter(state__in=[ParcelState.SHIPPED, ParcelState.DELIVERED])
    return gone.filter(items__order_line__order_id=order_id).exists()


def counts_of(store: Store) -> dict[str, int]:
    """How many of a store's parcels are in each state that the desk lists, by the state's value."""
    found = Parcel.objects.filter(store=store).values_list("state").annotate(n=Count("id"))
    return {str(state): 0 for state in ParcelState} | dict(found)


def orders_in(parcel: Parcel) -> QuerySet[Order]:
    """The orders that a parcel brings something of, the oldest first."""
    return Order.objects.filter(lines__parcel_item__parcel=parcel).distinct().order_by("placed_at", "id")


def order_for(*, user: User, number: str, store: Store | None = None) -> Order:
    """A paid order of a store that this person packs for, with its lines. Raises Order.DoesNotExist."""
    orders = Order.objects.filter(store__members__in=_memberships(user), paid_at__isnull=False, **_of(store))
    lines = Prefetch("lines", queryset=lines_with_pieces())
    return orders.select_related("store", "ship_to").prefetch_related(lines).get(number=number)


def items_to_pack(parcel: Parcel) -> list[ParcelItem]:
    """What goes into the parcel, by shelf, so that one walk collects it. Takes a parcel of parcel_for()."""
    wanted = [item for item in parcel.items.all() if item.quantity]
    return sorted(wanted, key=lambda item: (item.order_line.variant.shelf, item.order_line.title, item.id))


def lines_with_pieces() -> QuerySet[OrderLine]:
    """Order lines with their variant, product and piece; `piece_of` is how many pieces the piece is one of, else 0."""
    siblings = Piece.objects.filter(allotment=OuterRef("piece__allotment")).order_by()
    how_many = siblings.values("allotment").annotate(n=Count("id")).values("n")
    return OrderLine.objects.select_related("variant__product", "piece").annotate(
        piece_of=Coalesce(Subquery(how_many, output_field=IntegerField()), 0)
    )


def _of(store: Store | None) -> dict[str, Store]:
    return {"store": store} if store else {}


def _memberships(user: User) -> QuerySet[Member]:
    return Member.objects.filter(user=user, role__in=PACKERS)


def _items() -> "Prefetch[str, QuerySet[ParcelItem], str]":
    lines = Prefetch(
        "order_line",
        queryset=lines_with_pieces().select_related("order").prefetch_related("variant__product__pictures"),
    )
    return Prefetch("items", queryset=ParcelItem.objects.prefetch_related(lines).order_by("id"))
