"""The stores that a person follows, as REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from shop.door.people import SIGNED_IN, account
from shop.door.problems import Problem
from shop.door.stores import store_or_404
from shop.stores.queries import followed_by
from shop.stores.services import follow_store, unfollow_store


class FollowedShape(serializers.Serializer[Any]):
    """A store that somebody follows."""

    store = serializers.CharField(source="store.handle")
    name = serializers.CharField(source="store.name")
    tagline = serializers.CharField(source="store.tagline")
    followed_at = serializers.DateTimeField()


@extend_schema(responses={200: FollowedShape(many=True), 403: Problem}, summary="The stores that you follow")
@api_view(["GET"])
@permission_classes(SIGNED_IN)
def following(request: Request) -> Response:
    """The latest first."""
    return Response(FollowedShape(followed_by(account(request)), many=True).data)


@extend_schema(
    methods=["PUT"], request=None, responses={204: None, 403: Problem, 404: Problem}, summary="Follow a store"
)
@extend_schema(
    methods=["DELETE"], request=None, responses={204: None, 403: Problem, 404: Problem}, summary="Stop following it"
)
@api_view(["PUT", "DELETE"])
@permission_classes(SIGNED_IN)
def follow(request: Request, store: str) -> Response:
    """Either twice is once."""
    move = follow_store if request.method == "PUT" else unfollow_store
    move(store=store_or_404(store), user=account(request))
    return Response(status=204)
