"""The cart: what is in it, what is held, what changed since; put in, change, take out."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from shop.cart.models import MOST_OF_ONE
from shop.cart.services import change_quantity, put_in_cart, take_out
from shop.catalog.models import Variant
from shop.catalog.queries import variants_of
from shop.checkout.queries import basket
from shop.core import clock
from shop.core.errors import Refusal
from shop.door.shopper import reader, shopper
from shop.door.stores import store_or_404
from shop.stock.errors import NotYours
from shop.stock.services import let_go as let_hold_go
from shop.stores.models import Store
from shop.web.basket import printed
from shop.web.front import front

CHOOSE = _("Please choose what you would like first.")
HOW_MANY = format_lazy(_("Please choose a number from 1 to {most}."), most=MOST_OF_ONE)


def quantity_field() -> forms.IntegerField:
    """How many, as the service allows."""
    said = {"required": HOW_MANY, "invalid": HOW_MANY, "min_value": HOW_MANY, "max_value": HOW_MANY}
    return forms.IntegerField(min_value=1, max_value=MOST_OF_ONE, error_messages=said)


class QuantityForm(forms.Form):
    """How many from now on."""

    quantity = quantity_field()


class PutInForm(QuantityForm):
    """Which of a store's variants, and how many."""

    variant = forms.ModelChoiceField(
        Variant.objects.none(), error_messages={"required": CHOOSE, "invalid_choice": CHOOSE}
    )

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Variant]", self.fields["variant"]).queryset = variants_of(store)


@require_safe
def cart_page(request: HttpRequest, store: str) -> HttpResponse:
    """Everything this person put aside in a store."""
    found = store_or_404(store)
    goods = basket(reader(request), found)
    context = {**front(found), **printed(goods, at=clock.database_now())}
    return render(request, "shop/cart.html", context)


@require_POST
def put_in(request: HttpRequest, store: str) -> HttpResponse:
    """Put some of a variant into the cart; what stands against it is said on the product's page.

    Raises TooOften(wait_s) for one stranger too many.
    """
    found = store_or_404(store)
    form = PutInForm(request.POST, store=found)
    if form.is_valid():
        buyer = shopper(request)
        try:
            put_in_cart(shopper=buyer, at=clock.now(), **form.cleaned_data)
        except Refusal as refused:
            messages.error(request, refused.said)
        else:
            return redirect("cart", found.handle)
    _say(request, form)
    variant = form.cleaned_data.get("variant")
    return redirect("product", found.handle, variant.product.handle) if variant else redirect("store", found.handle)


@require_POST
def change_line(request: HttpRequest, store: str, line: int) -> HttpResponse:
    """Another quantity of a line; what stands against it is said on the cart's page."""
    found = store_or_404(store)
    form = QuantityForm(request.POST)
    if form.is_valid():
        try:
            change_quantity(shopper=reader(request), line_id=line, **form.cleaned_data)
        except Refusal as refused:
            messages.error(request, refused.said)
    _say(request, form)
    return redirect("cart", found.handle)


@require_POST
def remove_line(request: HttpRequest, store: str, line: int) -> HttpResponse:
    """Take a line out."""
    found = store_or_404(store)
    take_out(shopper=reader(request), line_id=line)
    return redirect("cart", found.handle)


@require_POST
def let_go(request: HttpRequest, store: str, hold: int) -> HttpResponse:
    """Give held pieces back before their time."""
    found = store_or_404(store)
    try:
        let_hold_go(hold_id=hold, shopper=reader(request))
    except NotYours as refused:
        raise Http404 from refused
    except Refusal as refused:
        messages.error(request, refused.said)
    return redirect("cart", found.handle)


def _say(request: HttpRequest, form: forms.Form) -> None:
    """A form's errors as messages: the page with the form is elsewhere."""
    for said in form.errors.values():
        messages.error(request, str(said[0]))
