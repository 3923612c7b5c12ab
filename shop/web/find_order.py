"""Find my order: the links go to the address they were paid with, and the page never says whether there are any."""

from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from shop.core.limits import Limit, TooOften, count
from shop.door.address import client_address
from shop.mails.finding import send_order_links

A_MAILBOX: Final = Limit(name="find-order/mailbox", times=3, window_s=3600)
# One address of a mobile network has thousands of people behind it.
A_NETWORK_ADDRESS: Final = Limit(name="find-order/network", times=60, window_s=3600)


class FindOrderForm(forms.Form):
    """The address an order was paid with."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


@require_http_methods(["GET", "HEAD", "POST"])
def find_order(request: HttpRequest) -> HttpResponse:
    """Ask for the links to one's orders; the answer is the same whether there are any."""
    form = FindOrderForm(request.POST or None)
    if form.is_valid():
        email = form.cleaned_data["email"].lower()
        try:
            count(limit=A_NETWORK_ADDRESS, who=client_address(request))
            count(limit=A_MAILBOX, who=email)
        except TooOften as refused:
            form.add_error(None, refused.said)
            return render(request, "shop/find_order.html", {"form": form}, status=429)
        send_order_links(email=email)
        return redirect("order_links_sent")
    return render(request, "shop/find_order.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD"])
def order_links_sent(request: HttpRequest) -> HttpResponse:
    """What everybody reads who asked."""
    return render(request, "shop/order_links_sent.html")
