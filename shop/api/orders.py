"""Checkout and orders as REST. An order's address contains its secret; who knows it may see and cancel the order."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from shop.accounts.addresses import make_address
from shop.checkout import cancel, services
from shop.core import clock
from shop.door.fields import MoneyField
from shop.door.limits import count_checkout
from shop.door.people import plain
from shop.door.problems import Problem
from shop.door.shopper import reader, shopper
from shop.door.stores import store_or_404
from shop.fulfilment.tracking import Tracking, tracking
from shop.orders.models import Order
from shop.orders.queries import order_by_token, orders_of
from shop.payments.queries import Progress, progress
from shop.payments.services import give_up, start_payment
from shop.payments.words import waiting_for, why_not

REFUSED = {400: Problem, 404: Problem, 409: Problem, 429: Problem}


class AddressAsk(serializers.Serializer[Any]):
    """Where something is sent; which fields are needed depends on the country."""

    name = serializers.CharField(max_length=120)
    line1 = serializers.CharField(max_length=120)
    line2 = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    postal_code = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    city = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    region = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    country = serializers.RegexField(r"^[A-Z]{2}$")
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class CheckoutAsk(serializers.Serializer[Any]):
    """The key makes asking twice harmless: one key, one order."""

    key = serializers.UUIDField()
    email = serializers.EmailField()
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, help_text="For an order of files only.")
    address = AddressAsk(required=False, allow_null=True)


class OrderLineShape(serializers.Serializer[Any]):
    """So many units, or one numbered piece."""

    title = serializers.CharField()
    options = serializers.CharField(source="variant_title")
    piece = serializers.IntegerField(source="piece.number", allow_null=True, default=None)
    quantity = serializers.IntegerField()
    returned_quantity = serializers.IntegerField()
    unit_price = MoneyField()
    total = MoneyField()
    is_digital = serializers.BooleanField()


class PaymentShape(serializers.Serializer[Any]):
    """Where the payment is; while it is open, `url` is Stripe's page."""

    stage = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    before_you = serializers.IntegerField(help_text="How many others' pages are opened before yours.")
    decline_code = serializers.CharField(allow_blank=True, help_text="Of the bank; or card_limit, address_limit.")
    message = serializers.SerializerMethodField()

    def get_message(self, now: Progress) -> str:
        """What is going on, or why it came to nothing, in a sentence; empty where there is nothing to say."""
        return waiting_for(now) or why_not(now)


class StepShape(serializers.Serializer[Any]):
    """One step of the way."""

    name = serializers.CharField()
    state = serializers.CharField()
    note = serializers.CharField(allow_blank=True)


class TrackedShape(serializers.Serializer[Any]):
    """One parcel."""

    state = serializers.CharField()
    sentence = serializers.CharField()
    carrier = serializers.CharField(allow_blank=True)
    number = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)


class TrackingShape(serializers.Serializer[Any]):
    """Where the order is, in words."""

    headline = serializers.CharField()
    sentence = serializers.CharField()
    steps = StepShape(many=True)
    parcels = TrackedShape(many=True)


class OrderShape(serializers.Serializer[Any]):
    """An order as it was agreed."""

    number = serializers.CharField()
    store = serializers.CharField(source="store.handle")
    state = serializers.CharField()
    email = serializers.EmailField()
    placed_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    lines = OrderLineShape(many=True, source="lines.all")
    items = MoneyField()
    shipping = MoneyField()
    tax = MoneyField()
    total = MoneyField()
    page = serializers.SerializerMethodField()

    def get_page(self, order: Order) -> str:
        """The address that opens the order's page."""
        return f"{settings.SITE_URL}{reverse('order', args=[order.token])}"


class WholeOrder(OrderShape):
    """An order, its payment and its way."""

    payment = PaymentShape()
    tracking = TrackingShape()


@extend_schema(request=CheckoutAsk, responses={201: WholeOrder, **REFUSED}, summary="Order your cart and held pieces")
@api_view(["POST"])
def check_out(request: Request, store: str) -> Response:
    """Then ask for the payment until it has a `url`, and open that."""
    asked = CheckoutAsk(data=request.data)
    asked.is_valid(raise_exception=True)
    said, front = asked.validated_data, store_or_404(store)
    buyer = shopper(plain(request))
    count_checkout(plain(request), buyer)
    order = services.check_out(
        shopper=buyer,
        store=front,
        email=said["email"],
        address=make_address(**said["address"]) if said.get("address") else None,
        key=said["key"],
        country=said.get("country") or str(front.country),
        at=clock.now(),
    )
    return Response(_whole(order.token), status=201)


@extend_schema(responses=OrderShape(many=True), summary="Your orders")
@api_view(["GET"])
def orders(request: Request) -> Response:
    """Of this browser, or of the account that is signed in; newest first."""
    return Response(OrderShape(orders_of(reader(plain(request))), many=True).data)


@extend_schema(responses={200: WholeOrder, 404: Problem}, summary="An order")
@api_view(["GET"])
def order(request: Request, token: str) -> Response:
    """For whoever knows its secret."""
    return Response(_whole(token))


@extend_schema(methods=["GET"], responses={200: PaymentShape, 404: Problem}, summary="Where the payment is")
@extend_schema(methods=["POST"], request=None, responses={200: PaymentShape, **REFUSED}, summary="Pay again")
@extend_schema(methods=["DELETE"], request=None, responses={200: PaymentShape, **REFUSED}, summary="Give it up")
@api_view(["GET", "POST", "DELETE"])
def payment(request: Request, token: str) -> Response:
    """A payment that was given up ends when Stripe says so; given up once more, its order lets its pieces go."""
    found = order_by_token(token)
    if request.method == "POST":
        start_payment(order=found, at=clock.now())
    elif request.method == "DELETE":
        give_up(order=found, at=clock.now())
    return Response(PaymentShape(progress(order_by_token(token), at=clock.now())).data)


@extend_schema(request=None, responses={200: WholeOrder, **REFUSED}, summary="Cancel an order")
@api_view(["POST"])
def cancellation(request: Request, token: str) -> Response:
    """Possible until its parcel is packed; the money goes back."""
    cancel.cancel_by_buyer(order=order_by_token(token), at=clock.now())
    return Response(_whole(token))


def _whole(token: str) -> dict[str, Any]:
    found = order_by_token(token)
    way: Tracking = tracking(found)
    return {
        **OrderShape(found).data,
        "payment": PaymentShape(progress(found, at=clock.now())).data,
        "tracking": TrackingShape(way).data,
    }
