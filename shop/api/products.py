"""What a store sells, as REST."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from shop.catalog.models import Product, Variant
from shop.catalog.queries import product_page, shelf
from shop.door.fields import MoneyField
from shop.door.problems import Problem
from shop.door.stores import store_or_404
from shop.stock.queries import free_stock


class VariantShape(serializers.Serializer[Any]):
    """One size and colour. `left` is null for files, of which there is no end."""

    id = serializers.IntegerField()
    options = serializers.ListField(child=serializers.CharField())
    sku = serializers.CharField()
    price = MoneyField()
    is_digital = serializers.BooleanField()
    left = serializers.IntegerField(allow_null=True)


class ProductShape(serializers.Serializer[Any]):
    """A product and its variants."""

    store = serializers.CharField()
    handle = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(help_text="HTML that was made safe.")
    option_names = serializers.ListField(child=serializers.CharField())
    variants = VariantShape(many=True)


@extend_schema(responses={200: ProductShape(many=True), 404: Problem}, summary="What a store sells")
@api_view(["GET"])
def products(request: Request, store: str) -> Response:
    """The newest first."""
    shown = list(shelf(store_or_404(store)))
    left = free_stock([variant.pk for product in shown for variant in product.variants.all()])
    return Response([_shape(product, left) for product in shown])


@extend_schema(responses={200: ProductShape, 404: Problem}, summary="A product")
@api_view(["GET"])
def product(request: Request, store: str, handle: str) -> Response:
    """With what is left of each variant."""
    try:
        found = product_page(store, handle)
    except Product.DoesNotExist as absent:
        raise Http404 from absent
    return Response(_shape(found, free_stock([variant.pk for variant in found.variants.all()])))


def _shape(product: Product, left: dict[int, int]) -> dict[str, Any]:
    variants = [_variant(variant, left) for variant in product.variants.all()]
    shape = {
        "store": product.store.handle,
        "handle": product.handle,
        "title": product.title,
        "description": product.description,
        "option_names": product.option_names,
        "variants": variants,
    }
    return dict(ProductShape(shape).data)


def _variant(variant: Variant, left: dict[int, int]) -> dict[str, Any]:
    return {
        "id": variant.pk,
        "options": variant.options,
        "sku": variant.sku,
        "price": variant.price,
        "is_digital": variant.is_digital,
        "left": None if variant.is_digital else left[variant.pk],
    }
