"""An order behind its secret link: where it is, its receipt, cancelling it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from shop.checkout.cancel import cancel_by_buyer
from shop.core import clock
from shop.core.errors import Refusal
from shop.door.statuses import status_of
from shop.downloads.queries import files_of
from shop.fulfilment.states import ParcelState
from shop.fulfilment.tracking import tracking
from shop.orders.models import Order
from shop.orders.queries import order_by_token
from shop.payments.goods import holds_in
from shop.payments.queries import Progress, attempt_of, progress, refunds_of
from shop.payments.services import talk_briefly
from shop.payments.words import why_not
from shop.stock.models import Hold
from shop.stock.queries import ms_left
from shop.web.bought import bought, tax_name
from shop.web.caching import secret
from shop.web.front import front

OPEN_PARCELS = (ParcelState.TO_PACK, ParcelState.MISSING, ParcelState.EMPTY)


def order_or_404(token: str) -> Order:
    """The order behind a secret link, else 404."""
    try:
        return order_by_token(token)
    except Order.DoesNotExist as absent:
        raise Http404 from absent


@require_safe
@secret
def order_page(request: HttpRequest, token: str) -> HttpResponse:
    """What happens next with an order, and everything about it.

    `?paid` and `?back` are how Stripe sends the buyer back: Stripe is asked once, then the address is clean again.
    """
    order = order_or_404(token)
    if request.GET.keys() & {"paid", "back"}:
        _come_back(order)
        return redirect("order", order.token)
    return render(request, "shop/order.html", {**front(order.store), **_told(order)})


@require_safe
@secret
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """On paper; 404 before it is paid."""
    order = order_or_404(token)
    if order.paid_at is None:
        raise Http404
    context = {
        "order": order,
        "lines": bought(order),
        "refunds": refunds_of(order),
        "tax_name": tax_name(order.tax_rate_bp),
        "back_url": reverse("order", args=[order.token]),
    }
    return render(request, "shop/receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@secret
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Are you sure; and then it is cancelled, or why it cannot be."""
    order = order_or_404(token)
    context = {**front(order.store), "order": order}
    if request.method == "POST":
        try:
            cancel_by_buyer(order=order, at=clock.now())
        except Refusal as refused:
            return render(request, "shop/cancel.html", {**context, "refused": refused.said}, status=status_of(refused))
        return redirect("order", order.token)
    return render(request, "shop/cancel.html", context)


def _come_back(order: Order) -> None:
    """The browser returned from Stripe: look there once, so that the page that follows tells the truth.

    Where Stripe does not answer at once the page asks us again, and the sweep asks Stripe.
    """
    attempt = attempt_of(order)
    if attempt and attempt.is_live:
        talk_briefly(attempt_id=attempt.pk, at=clock.now())


def _told(order: Order) -> dict[str, Any]:
    """What the order's template wants to know."""
    at = clock.now()
    now = progress(order, at=at)
    way = tracking(order)
    shelves = files_of(order)
    waits_for_files = order.is_paid and not shelves and any(line.is_digital for line in order.lines.all())
    return {
        "order": order,
        "tracking": way,
        "is_moving": waits_for_files or now.stage in ("starting", "confirming", "ending") or now.is_unheard,
        "payment": now,
        "keeps_ms": _keeps_ms(order, now, at=at),
        "declined": why_not(now),
        "lines": bought(order),
        "shelves": shelves,
        "waits_for_files": waits_for_files,
        "refunds": refunds_of(order),
        "tax_name": tax_name(order.tax_rate_bp),
        "may_cancel": order.is_paid
        and all(parcel.state in OPEN_PARCELS for parcel in way.parcels)
        and not any(shelf.right.fetched_at for shelf in shelves if shelf.files),
    }


def _keeps_ms(order: Order, now: Progress, *, at: datetime) -> int:
    """Milliseconds for which its goods are kept: by the payment that runs, else by the holds it may be paid with."""
    if now.stage == "open":
        attempt = attempt_of(order)
        return max(0, int((attempt.pay_until - at).total_seconds() * 1000)) if attempt else 0
    holds = Hold.objects.filter(pk__in=holds_in(order), ended_at=None) if now.stage == "failed" else ()
    return min((ms_left(hold, at=at) for hold in holds), default=0)
