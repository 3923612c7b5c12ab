"""Between our page and Stripe's: starting a payment, waiting for it, giving it up, coming back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shop.core import clock
from shop.core.errors import Refusal
from shop.orders.models import Order
from shop.payments import services
from shop.payments.queries import progress
from shop.payments.words import waiting_for
from shop.web.caching import secret
from shop.web.front import front
from shop.web.orders import order_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@secret
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """GET waits for Stripe's page and goes there; POST starts a payment, or finds the one that runs."""
    order = order_or_404(token)
    if request.method == "POST":
        return _start(request, order)
    now = progress(order, at=clock.now())
    if now.is_final:
        return redirect("order", order.token)
    context = {**front(order.store), "order": order, "payment": now, "message": waiting_for(now)}
    return render(request, "shop/pay.html", context)


@require_safe
@secret
def payment_progress(request: HttpRequest, token: str) -> JsonResponse:
    """Where the payment is: `url` is where the browser should go, null while it should wait."""
    order = order_or_404(token)
    now = progress(order, at=clock.now())
    url = reverse("order", args=[order.token]) if now.is_final else now.url
    return JsonResponse(
        {
            "stage": now.stage,
            "url": url or None,
            "message": waiting_for(now),
            "before_you": now.before_you,
            "is_final": now.is_final,
        }
    )


@require_POST
@secret
def give_up(request: HttpRequest, token: str) -> HttpResponse:
    """The buyer lets it be: Stripe is asked to end the payment; where none runs any more, the goods are free."""
    order = order_or_404(token)
    services.give_up(order=order, at=clock.now())
    return redirect("order", order.token)


def _start(request: HttpRequest, order: Order) -> HttpResponse:
    try:
        services.start_payment(order=order, at=clock.now())
    except Refusal as refused:
        messages.error(request, refused.said)
        return redirect("order", order.token)
    return redirect("pay", order.token)
