"""Claims, holds and the line as REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from liveevents.api.shapes import ClaimAsk, HoldShape, Place, WaitAsk
from liveevents.claims import services
from liveevents.claims.keys import NoKey
from liveevents.claims.limits import count_claim, count_joining
from shop.core import clock
from shop.door.address import network_of
from shop.door.people import plain
from shop.door.problems import Problem
from shop.door.shopper import reader, shopper
from shop.stock.models import Hold
from shop.stock.queries import holds_ever_of, holds_of, ms_left
from shop.stock.services import let_go

KEY = OpenApiParameter("Idempotency-Key", UUID, OpenApiParameter.HEADER, required=True)
REFUSED = {400: Problem, 403: Problem, 404: Problem, 409: Problem}
HURRIED = {429: Problem, 503: Problem}


@extend_schema(
    request=ClaimAsk, parameters=[KEY], responses={201: HoldShape, **REFUSED, **HURRIED}, summary="Claim pieces"
)
@api_view(["POST"])
def claims(request: Request, drop_id: int) -> Response:
    """The same key and quantity get the same hold, however often they are sent."""
    key = _key(request)
    asked = ClaimAsk(data=request.data)
    asked.is_valid(raise_exception=True)
    asker, network = shopper(plain(request)), network_of(plain(request))
    if not asked.validated_data.pop("again"):
        services.read_notice(drop_id=drop_id, shopper_id=str(asker.pk))
    count_claim(shopper_id=asker.pk, key=key, network=network)
    claimed = services.claim(drop_id=drop_id, shopper_id=asker.pk, key=key, network=network, **asked.validated_data)
    return Response(_shape(holds_ever_of(asker).get(pk=claimed.hold_id)), status=201)


@extend_schema(
    methods=["POST"], request=WaitAsk, responses={200: Place, **REFUSED, 429: Problem}, summary="Join the line"
)
@extend_schema(methods=["PATCH"], request=None, responses={204: None, 404: Problem}, summary="Take fewer after all")
@extend_schema(methods=["DELETE"], request=None, responses={204: None, 404: Problem}, summary="Leave the line")
@api_view(["POST", "PATCH", "DELETE"])
def line(request: Request, drop_id: int) -> Response:
    """Joining again keeps the place; leaving twice is harmless, and so is taking fewer without waiting."""
    if request.method == "PATCH":
        services.take_fewer(drop_id=drop_id, shopper=reader(plain(request)))
        return Response(status=204)
    if request.method == "DELETE":
        services.leave_line(drop_id=drop_id, shopper=reader(plain(request)))
        return Response(status=204)
    asked = WaitAsk(data=request.data)
    asked.is_valid(raise_exception=True)
    asker = shopper(plain(request))
    count_joining(shopper_id=asker.pk, network=network_of(plain(request)))
    place = services.join_line(drop_id=drop_id, shopper_id=asker.pk, **asked.validated_data)
    return Response({"place": place})


@extend_schema(responses=HoldShape(many=True), summary="What is held for you")
@api_view(["GET"])
def holds(request: Request) -> Response:
    """Oldest first, without those whose time ran out."""
    return Response([_shape(hold) for hold in holds_of(reader(plain(request)))])


@extend_schema(responses={204: None, **REFUSED}, summary="Let a hold go")
@api_view(["DELETE"])
def hold(request: Request, hold_id: int) -> Response:
    """The pieces go to the line, or back to the floor."""
    let_go(hold_id=hold_id, shopper=reader(plain(request)))
    return Response(status=204)


def _key(request: Request) -> UUID:
    try:
        return UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError as unreadable:
        raise NoKey from unreadable


def _shape(hold: Hold) -> dict[str, Any]:
    variant = hold.allotment.variant
    shape = {
        "id": hold.pk,
        "store": variant.product.store.handle,
        "product": variant.product.title,
        "variant": variant.title,
        "pieces": hold.pieces.all(),
        "ms_left": ms_left(hold, at=clock.now()),
        "is_paying": hold.pay_until is not None,
    }
    return dict(HoldShape(shape).data)
