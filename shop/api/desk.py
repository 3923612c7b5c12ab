"""The packing desk as REST, for a store's owner and fulfilment staff."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from shop.accounts.models import User
from shop.core import clock
from shop.door.people import SIGNED_IN, account
from shop.door.problems import Problem
from shop.fulfilment import services
from shop.fulfilment.models import Parcel
from shop.fulfilment.queries import items_to_pack, parcel_for, parcels_of
from shop.fulfilment.states import ParcelState
from shop.stores.queries import DESK, store_for

REFUSED = {400: Problem, 403: Problem, 404: Problem, 409: Problem}


class ItemShape(serializers.Serializer[Any]):
    """The units of one order line in a parcel."""

    id = serializers.IntegerField()
    title = serializers.CharField(source="order_line.title")
    variant = serializers.CharField(source="order_line.variant_title")
    sku = serializers.CharField(source="order_line.sku")
    shelf = serializers.CharField(source="order_line.variant.shelf")
    piece = serializers.IntegerField(source="order_line.piece.number", allow_null=True, default=None)
    quantity = serializers.IntegerField()


class ParcelShape(serializers.Serializer[Any]):
    """A parcel on its way."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(ParcelState.choices)
    address = serializers.ListField(child=serializers.CharField(), source="ship_to.lines")
    opened_at = serializers.DateTimeField()
    packed_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    missing_note = serializers.CharField()


class WholeParcel(ParcelShape):
    """A parcel and what goes into it, by shelf."""

    items = ItemShape(many=True)


class StateAsk(serializers.Serializer[Any]):
    """Which parcels."""

    state = serializers.ChoiceField(ParcelState.choices, default=ParcelState.TO_PACK)


class ItemAsk(serializers.Serializer[Any]):
    """What the packer ticked."""

    item = serializers.IntegerField(min_value=1)
    quantity = serializers.IntegerField(min_value=1)


class MoveAsk(serializers.Serializer[Any]):
    """What a step needs: `pack` its contents, `missing` a note, `ship` carrier and number; the others nothing."""

    contents = ItemAsk(many=True, required=False)
    note = serializers.CharField(required=False, max_length=services.LONGEST_NOTE)
    carrier = serializers.CharField(required=False, max_length=40)
    tracking_number = serializers.CharField(required=False, max_length=80, allow_blank=True)


Step = Callable[[Parcel, dict[str, Any], User], Parcel]
STEPS: dict[str, Step] = {
    "pack": lambda parcel, said, by: services.pack(
        parcel=parcel,
        contents={row["item"]: row["quantity"] for row in said.get("contents", [])},
        by=by,
        at=clock.now(),
    ),
    "unpack": lambda parcel, said, by: services.unpack(parcel=parcel),
    "missing": lambda parcel, said, by: services.report_missing(parcel=parcel, note=said.get("note", "")),
    "found": lambda parcel, said, by: services.report_found(parcel=parcel),
    "ship": lambda parcel, said, by: services.ship(
        parcel=parcel,
        carrier=said.get("carrier", ""),
        tracking_number=said.get("tracking_number", ""),
        at=clock.now(),
    ),
    "unship": lambda parcel, said, by: services.unship(parcel=parcel),
    "deliver": lambda parcel, said, by: services.deliver(parcel=parcel, at=clock.now()),
    "undeliver": lambda parcel, said, by: services.undeliver(parcel=parcel),
}


@extend_schema(parameters=[StateAsk], responses={200: ParcelShape(many=True), **REFUSED}, summary="Parcels of a store")
@api_view(["GET"])
@permission_classes(SIGNED_IN)
def parcels(request: Request, store: str) -> Response:
    """The oldest first."""
    asked = StateAsk(data=request.query_params)
    asked.is_valid(raise_exception=True)
    packer = account(request)
    found = parcels_of(user=packer, store=store_for(packer, store, roles=DESK), state=asked.validated_data["state"])
    return Response(ParcelShape(found, many=True).data)


@extend_schema(responses={200: WholeParcel, **REFUSED}, summary="A parcel and what goes into it")
@api_view(["GET"])
@permission_classes(SIGNED_IN)
def parcel(request: Request, parcel_id: int) -> Response:
    """By shelf, so that one walk collects it."""
    return Response(_whole(account(request), parcel_id))


@extend_schema(
    request=MoveAsk,
    parameters=[OpenApiParameter("step", str, OpenApiParameter.PATH, enum=list(STEPS))],
    responses={200: WholeParcel, **REFUSED},
    summary="Move a parcel",
)
@api_view(["POST"])
@permission_classes(SIGNED_IN)
def move(request: Request, parcel_id: int, step: str) -> Response:
    """A parcel that moved meanwhile answers 409 and says what happened to it."""
    if step not in STEPS:
        raise NotFound
    said = MoveAsk(data=request.data)
    said.is_valid(raise_exception=True)
    packer = account(request)
    STEPS[step](parcel_for(user=packer, parcel_id=parcel_id), said.validated_data, packer)
    return Response(_whole(packer, parcel_id))


def _whole(packer: User, parcel_id: int) -> dict[str, Any]:
    found = parcel_for(user=packer, parcel_id=parcel_id)
    return {**ParcelShape(found).data, "items": ItemShape(items_to_pack(found), many=True).data}
