"""The checkout: who, where to, what it costs, and one button."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_countries import countries
from django_htmx.http import HttpResponseClientRedirect

from shop.accounts.models import Shopper
from shop.checkout.queries import Basket, basket
from shop.checkout.services import check_out
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.money import Money
from shop.door.limits import count_checkout
from shop.door.shopper import reader, shopper, signed_in
from shop.door.statuses import status_of
from shop.door.stores import store_or_404
from shop.orders.models import Order
from shop.orders.queries import orders_of
from shop.pricing.queries import delivers_to
from shop.pricing.quote import EVERYWHERE_ELSE
from shop.stores.models import Store
from shop.web.basket import printed
from shop.web.checkout_forms import CheckoutForm, DeliveryForm
from shop.web.front import front

Country = tuple[str, str]


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, store: str) -> HttpResponse:
    """The form; with "update" pressed the form again at the chosen country's prices; else the purchase."""
    found = store_or_404(store)
    me = reader(request)
    if request.method == "POST" and "update" not in request.POST:
        return _buy(request, found, me)
    initial = request.POST.dict() or _remembered(request, me)
    goods, form = _prepared(found, me, initial)
    if goods.is_empty:
        cart = reverse("cart", args=[found.handle])
        return HttpResponseClientRedirect(cart) if "HX-Request" in request.headers else redirect(cart)
    return _page(request, goods, form)


def _buy(request: HttpRequest, store: Store, me: Shopper) -> HttpResponse:
    """One order for the form, however often it is sent; what stands against it is said in the form."""
    goods, _ = _prepared(store, me, request.POST.dict())
    form = _form_class(goods)(request.POST, country=goods.country, countries=_choices(store, goods))
    if not form.is_valid():
        return _page(request, goods, form, status=400)
    try:
        order = _ordered(request, store, form)
    except Refusal as refused:
        goods, _ = _prepared(store, me, request.POST.dict())
        field = str(refused.details.get("field", ""))
        form.add_error(field if field in form.fields else None, _named(refused, goods))
        return _page(request, goods, form, status=status_of(refused))
    return redirect("pay", order.token)


def _ordered(request: HttpRequest, store: Store, form: CheckoutForm) -> Order:
    """Raises TooOften and whatever check_out raises."""
    buyer = shopper(request)
    count_checkout(request, buyer)
    agreed = form.cleaned_data["expects"]
    return check_out(
        shopper=buyer,
        store=store,
        email=form.cleaned_data["email"],
        address=form.address,
        key=form.cleaned_data["key"],
        country=form.cleaned_data["country"],
        at=clock.now(),
        expects=None if agreed is None else Money(agreed, store.currency),
    )


def _named(refused: Refusal, goods: Basket) -> str:
    """What was said, with the product that it is about in front."""
    about = refused.details.get("variant_id")
    titles = [line.variant.product.title for line in goods.lines if line.variant.pk == about]
    return f"{titles[0]}: {refused.said}" if titles else refused.said


def _prepared(store: Store, me: Shopper, initial: dict[str, Any]) -> tuple[Basket, CheckoutForm]:
    """The basket at the prices of the country that is asked for, else of the store's own; and an empty form for it."""
    goods = basket(me, store, _country(store, str(initial.get("country", ""))))
    fresh = {"key": uuid4(), **initial, "country": goods.country}
    return goods, _form_class(goods)(initial=fresh, country=goods.country, countries=_choices(store, goods))


def _form_class(goods: Basket) -> type[CheckoutForm]:
    return DeliveryForm if goods.is_sent else CheckoutForm


def _country(store: Store, asked: str) -> str:
    """What was asked for where it is a country, else the store's own."""
    return asked if asked in countries else store.country.code


def _choices(store: Store, goods: Basket) -> list[Country]:
    """Where this may go: files everywhere, goods where the store sends parcels to."""
    reached = delivers_to(store)
    everywhere = not goods.is_sent or EVERYWHERE_ELSE in reached
    return [(code, name) for code, name in countries if everywhere or code in reached]


def _remembered(request: HttpRequest, me: Shopper) -> dict[str, Any]:
    """What this person told the last time, in this browser or signed in."""
    user = signed_in(request)
    last = orders_of(me).first()
    told: dict[str, Any] = {"email": user.email if user else last.email if last else ""}
    if last and last.ship_to:
        told |= {name: getattr(last.ship_to, name) for name in DeliveryForm.ADDRESS_FIELDS}
        told["country"] = last.ship_to.country.code
    return told


def _page(request: HttpRequest, goods: Basket, form: CheckoutForm, *, status: int = 200) -> HttpResponse:
    context = {**front(goods.store), **printed(goods, at=clock.database_now()), "form": form}
    return render(request, "shop/checkout.html", context, status=status)
