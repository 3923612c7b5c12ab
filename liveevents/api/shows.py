"""Shows and drops as REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from liveevents.api.shapes import DropShape, EventShape, EventWithDrops, RecordAsk, RecordShape
from liveevents.drops.queries import drops_now, public_drop, public_drops
from liveevents.events.queries import public_event, shows_to_come
from shop.door.people import plain
from shop.door.problems import Problem
from shop.door.shopper import reader

MOST_ENTRIES = 1000


@extend_schema(responses=EventShape(many=True), summary="Shows that are live or to come")
@api_view(["GET"])
def events(request: Request) -> Response:
    """Live ones first, then by their start."""
    return Response(EventShape(shows_to_come(), many=True).data)


@extend_schema(responses={200: EventWithDrops, 404: Problem}, summary="A show and its drops as they are now")
@api_view(["GET"])
def event(request: Request, store: str, slug: str) -> Response:
    """404 for a draft."""
    show = public_event(store_handle=store, slug=slug)
    drops = drops_now(event=show, shopper=reader(plain(request)))
    return Response({**EventShape(show).data, "drops": DropShape(drops, many=True).data})


@extend_schema(responses={200: DropShape, 404: Problem}, summary="A drop as it is now")
@api_view(["GET"])
def drop(request: Request, drop_id: int) -> Response:
    """Its state, pieces and clock by the database, and what the asker has of it."""
    found = public_drop(drop_id)
    now = next(one for one in drops_now(event=found.event, shopper=reader(plain(request))) if one.drop.pk == drop_id)
    return Response(DropShape(now).data)


@extend_schema(
    parameters=[RecordAsk], responses={200: RecordShape, 400: Problem, 404: Problem}, summary="The record of a drop"
)
@api_view(["GET"])
def record(request: Request, drop_id: int) -> Response:
    """What happened to it and when, at most a thousand entries at a time; never changed. 404 for a plan."""
    asked = RecordAsk(data=request.query_params)
    asked.is_valid(raise_exception=True)
    drop = public_drops().select_related("allotment").get(pk=drop_id, allotment__opens_at__isnull=False)
    entries = drop.entries.filter(sequence__gt=asked.validated_data["after"]).order_by("sequence")[:MOST_ENTRIES]
    shape = {"drop": drop.pk, "currency": drop.allotment.currency, "entries": entries}
    return Response(RecordShape(shape).data)
