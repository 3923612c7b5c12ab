"""A store: its shelf, a product, and what the law wants to be read."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_countries import countries

from shop.catalog.models import Product, Variant
from shop.catalog.queries import product_page as find_product
from shop.catalog.queries import shelf
from shop.core.money import Money
from shop.door.stores import store_or_404
from shop.pricing.queries import delivery_of
from shop.stores.models import Store
from shop.stores.queries import follows
from shop.web.front import LEGAL_PAGES, front, legal_title
from shop.web.shelf import Choice, cards_of, cheapest, choices_of


@require_safe
def store_page(request: HttpRequest, store: str) -> HttpResponse:
    """Everything the store sells."""
    found = store_or_404(store)
    context = {
        **front(found),
        "cards": cards_of(list(shelf(found))),
        "follows": follows(request.user, found),
        "back": request.path,
    }
    return render(request, "shop/store.html", context)


@require_safe
def product_page(request: HttpRequest, store: str, product: str) -> HttpResponse:
    """One product, its pictures, and a form that puts a variant into the cart."""
    try:
        found = find_product(store, product)
    except Product.DoesNotExist as absent:
        raise Http404 from absent
    context = {**front(found.store), **_offered(found)}
    return render(request, "shop/product.html", context)


@require_safe
def legal_page(request: HttpRequest, store: str, page: str) -> HttpResponse:
    """Imprint, terms, privacy or returns; 404 for one that the store has not written."""
    found = store_or_404(store)
    text = getattr(found, page) if page in LEGAL_PAGES else ""
    if not text:
        raise Http404
    return render(request, "shop/legal.html", {**front(found), "title": legal_title(page), "text": text})


def _offered(product: Product) -> dict[str, Any]:
    """What the product's template wants to know of its variants."""
    variants = list(product.variants.all())
    choices = _chosen(list(choices_of(variants).values()))
    shown = cheapest(choices) if choices else None
    return {
        "product": product,
        "pictures": product.pictures.all(),
        "choices": choices,
        "cheapest": shown,
        "has_dearer": shown is not None and any(shown.price < choice.price for choice in choices),
        "shows_prices": len({choice.price for choice in choices}) > 1,
        "is_gone": all(choice.is_gone for choice in choices),
        "is_digital": bool(variants) and all(variant.is_digital for variant in variants),
        "option_names": " / ".join(product.option_names),
        "delivery": _delivery(product.store, variants),
    }


def _chosen(choices: list[Choice]) -> list[Choice]:
    """The same choices, the first that can be had chosen already."""
    first = next((choice for choice in choices if not choice.is_gone), None)
    return [replace(choice, is_chosen=choice is first) for choice in choices]


def _delivery(store: Store, variants: list[Variant]) -> dict[str, Any] | None:
    """What sending one of these at home costs, for the heaviest variant; None for files and where it is not sent."""
    weights = [variant.weight_g for variant in variants if not variant.is_digital]
    if not weights:
        return None
    country = store.country.code
    rate = delivery_of(store, country=country, weight_g=max(weights))
    if rate is None:
        return None
    price = Money(rate.price_minor, store.currency)
    return {"price": price, "name": rate.name, "days": rate.days, "country": countries.name(country)}
