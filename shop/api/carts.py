"""The cart and the held pieces of a store, as REST."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from shop.cart import services
from shop.catalog.models import Variant
from shop.checkout.queries import Basket, BasketLine, HeldPieces, basket
from shop.core import clock
from shop.core.errors import Refusal
from shop.door.fields import MoneyField, NumberedPiece
from shop.door.people import plain
from shop.door.problems import Problem
from shop.door.shopper import reader, shopper
from shop.door.stores import store_or_404
from shop.stock.queries import ms_left

REFUSED = {400: Problem, 404: Problem, 409: Problem}


class ProblemShape(serializers.Serializer[Any]):
    """What is in the way of buying it."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class LineShape(serializers.Serializer[Any]):
    """A cart line at its present price; `was` where it was put in at another."""

    id = serializers.IntegerField()
    variant = serializers.IntegerField()
    product = serializers.CharField()
    options = serializers.CharField()
    quantity = serializers.IntegerField()
    price = MoneyField()
    was = MoneyField(allow_null=True)
    problem = ProblemShape(allow_null=True)


class HeldShape(serializers.Serializer[Any]):
    """The pieces of one hold."""

    id = serializers.IntegerField()
    product = serializers.CharField()
    options = serializers.CharField()
    pieces = NumberedPiece(many=True)
    ms_left = serializers.IntegerField()
    is_paying = serializers.BooleanField()


class QuoteShape(serializers.Serializer[Any]):
    """What it costs, tax contained."""

    items = MoneyField()
    shipping = MoneyField()
    shipping_name = serializers.CharField()
    tax = MoneyField()
    total = MoneyField()


class CartShape(serializers.Serializer[Any]):
    """Everything a person would buy from a store right now."""

    country = serializers.CharField()
    lines = LineShape(many=True)
    held = HeldShape(many=True)
    quote = QuoteShape(allow_null=True)
    problem = ProblemShape(allow_null=True)


class CountryAsk(serializers.Serializer[Any]):
    """Where it would be sent; the store's own country where it is not said."""

    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)


class LineAsk(serializers.Serializer[Any]):
    """So many of a variant."""

    variant = serializers.IntegerField()
    quantity = serializers.IntegerField(default=1)


class QuantityAsk(serializers.Serializer[Any]):
    """How many."""

    quantity = serializers.IntegerField()


@extend_schema(parameters=[CountryAsk], responses={200: CartShape, **REFUSED}, summary="Your cart and held pieces")
@api_view(["GET"])
def cart(request: Request, store: str) -> Response:
    """With what is in the way of buying them, and what they cost."""
    asked = CountryAsk(data=request.query_params)
    asked.is_valid(raise_exception=True)
    goods = basket(reader(plain(request)), store_or_404(store), asked.validated_data.get("country"))
    return Response(CartShape(_shape(goods)).data)


@extend_schema(request=LineAsk, responses={201: CartShape, **REFUSED}, summary="Put into the cart")
@api_view(["POST"])
def lines(request: Request, store: str) -> Response:
    """Units that were in it already take the present price too."""
    asked = LineAsk(data=request.data)
    asked.is_valid(raise_exception=True)
    front, buyer = store_or_404(store), shopper(plain(request))
    variants = Variant.objects.select_related("product__store").filter(product__store=front)
    variant = variants.filter(pk=asked.validated_data["variant"]).first()
    if variant is None:
        raise Http404
    services.put_in_cart(shopper=buyer, variant=variant, quantity=asked.validated_data["quantity"], at=clock.now())
    return Response(CartShape(_shape(basket(buyer, front))).data, status=201)


@extend_schema(methods=["PATCH"], request=QuantityAsk, responses={204: None, **REFUSED}, summary="Change a line")
@extend_schema(methods=["DELETE"], request=None, responses={204: None}, summary="Take a line out")
@api_view(["PATCH", "DELETE"])
def line(request: Request, line_id: int) -> Response:
    """A line of somebody else is not in your cart."""
    buyer = reader(plain(request))
    if request.method == "DELETE":
        services.take_out(shopper=buyer, line_id=line_id)
        return Response(status=204)
    asked = QuantityAsk(data=request.data)
    asked.is_valid(raise_exception=True)
    services.change_quantity(shopper=buyer, line_id=line_id, quantity=asked.validated_data["quantity"])
    return Response(status=204)


def _shape(goods: Basket) -> dict[str, Any]:
    return {
        "country": goods.country,
        "lines": [_line(one) for one in goods.lines],
        "held": [_held(one) for one in goods.holds],
        "quote": goods.quote,
        "problem": _problem(goods.problem),
    }


def _line(one: BasketLine) -> dict[str, Any]:
    return {
        "id": one.line_id,
        "variant": one.variant.pk,
        "product": one.variant.product.title,
        "options": one.variant.title,
        "quantity": one.quantity,
        "price": one.price,
        "was": one.was,
        "problem": _problem(one.problem),
    }


def _held(one: HeldPieces) -> dict[str, Any]:
    return {
        "id": one.hold.pk,
        "product": one.variant.product.title,
        "options": one.variant.title,
        "pieces": one.pieces,
        "ms_left": ms_left(one.hold, at=clock.now()),
        "is_paying": one.is_being_paid,
    }


def _problem(refusal: Refusal | None) -> dict[str, str] | None:
    return {"code": refusal.code, "sentence": refusal.said} if refusal else None
