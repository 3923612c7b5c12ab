"""An order at the desk: what of it goes back, and what becomes of the goods."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shop.core import clock
from shop.core.errors import Refusal
from shop.door.shopper import account_or_404
from shop.door.statuses import status_of
from shop.orders.models import Order
from shop.payments.queries import refunds_failed, refunds_of
from shop.payments.services import ask_again as ask_refund_again
from shop.payments.services import refund
from shop.web.desk.entrance import around, order_or_404, staff_only, store_or_404
from shop.web.desk.forms import BACK, RefundForm


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def order_page(request: HttpRequest, store: str, number: str) -> HttpResponse:
    """A paid order, line by line, and the form that gives money back."""
    order = order_or_404(request, store, number)
    form = RefundForm(request.POST or None, order=order)
    if request.method != "POST":
        return _show(request, order, form)
    if not form.is_valid():
        return _show(request, order, form, status=400)
    try:
        made = _refund(request, order, form)
    except Refusal as refused:
        form.add_error(None, refused.said)
        return _show(request, order, form, status=status_of(refused))
    messages.success(request, _("{amount} goes back to the buyer.").format(amount=made))
    return redirect("desk_order", store, order.number)


@staff_only
@require_safe
def find_order(request: HttpRequest, store: str) -> HttpResponse:
    """From an order number, as somebody reads it out, to its page."""
    mine = store_or_404(request, store)
    number = request.GET.get("number", "").strip().upper()
    if Order.objects.filter(store=mine, number=number, paid_at__isnull=False).exists():
        return redirect("desk_order", mine.handle, number)
    messages.error(request, _("There is no paid order {number} in this store.").format(number=number or "–"))
    return redirect("desk_list", mine.handle, "to-pack")


@staff_only
@require_POST
def ask_again(request: HttpRequest, store: str, refund_id: UUID) -> HttpResponse:
    """Send a refund that failed to Stripe once more; one that did not fail stays as it is."""
    failed = get_object_or_404(refunds_failed(store_or_404(request, store)), pk=refund_id)
    ask_refund_again(refund=failed, at=clock.now())
    messages.success(request, _("Stripe is asked again."))
    return redirect("desk_order", store, failed.attempt.order.number)


def _refund(request: HttpRequest, order: Order, form: RefundForm) -> str:
    """Ask for it; the amount in words. Raises what payments refuses."""
    made = refund(
        order=order,
        lines=form.units(),
        comes_back=form.cleaned_data["restock"] == BACK,
        with_shipping=form.cleaned_data["with_shipping"],
        by=account_or_404(request),
        reason=form.cleaned_data["reason"],
        at=clock.now(),
        key=form.key_of_refund(),
    )
    return made.amount.format()


def _show(request: HttpRequest, order: Order, form: RefundForm, *, status: int = 200) -> HttpResponse:
    context = {**around(order.store), "order": order, "form": form, "refunds": refunds_of(order)}
    return render(request, "desk/order.html", context, status=status)
