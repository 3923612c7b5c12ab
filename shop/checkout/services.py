"""Checking out: from a basket to one order that is being paid."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from shop.accounts.models import Address, Shopper, User
from shop.checkout.queries import Basket, basket
from shop.core.db import inside_transaction
from shop.core.errors import Conflict, Invalid
from shop.core.money import Money
from shop.orders.models import Order
from shop.orders.queries import open_orders
from shop.orders.services import Buyer, Wanted, lapse, place
from shop.payments.services import open_attempt
from shop.payments.services.locks import lock_order
from shop.payments.states import LIVE_ATTEMPTS
from shop.stock.errors import HoldExpired
from shop.stores.models import Store


class EmptyBasket(Conflict):
    """Nothing in the cart of this store, and no piece held."""

    code = "empty_basket"
    sentence = "There is nothing in your cart."


class BadEmail(Invalid):
    """No address that a receipt could be sent to."""

    code = "bad_email"
    sentence = "Enter an e-mail address, such as you@example.com."


class AddressNeeded(Invalid):
    """Something has to be sent, and nobody said where."""

    code = "address_needed"
    sentence = "Enter the address that this is sent to."


class TotalChanged(Conflict):
    """The total is not what the buyer agreed to; `now_minor` and `currency` say what it is."""

    code = "total_changed"
    sentence = "The price has changed since you saw it: it is {now} now. Please look again."


class PaymentRunning(Conflict):
    """Another order from this store is being paid; `token` leads to it."""

    code = "payment_running"
    sentence = "Your order {number} is being paid. Finish that payment, or let it go, before you start another."


@transaction.atomic(durable=True)
def check_out(
    *,
    shopper: Shopper,
    store: Store,
    email: str,
    address: Address | None,
    key: UUID,
    country: str,
    at: datetime,
    expects: Money | None = None,
) -> Order:
    """Write an order for a person's basket, keep its goods, and start its payment.

    It is one order, however often it is asked for: the same form (key) gets the same order, and so does the same
    basket while its order is being paid. An order that nobody is paying any more makes way. `address`, which may be
    unsaved, decides the country where something is sent; `country` counts for files. `expects` is the total that the
    buyer saw.

    Raises EmptyBasket, BadEmail, AddressNeeded, NoDelivery, TotalChanged, NotForSale, OutOfStock, HoldExpired,
    PaymentRunning; then nothing has changed.
    """
    _lock_person(shopper)
    made = Order.objects.filter(shopper=shopper, key=key).first()
    if made:
        return made
    before = _orders_before(shopper, store)
    goods = basket(shopper, store, str(address.country) if address else country)
    buyer = _buyer(goods, shopper=shopper, key=key, email=email, address=address)
    running = [order for order in before if _is_being_paid(order)]
    if running:
        return _same_or_refuse(running, goods, buyer)
    _check(goods, expects=expects)
    for order in before:
        lapse(order=order, at=at)
    return _place_and_pay(goods, buyer, at=at)


def _lock_person(shopper: Shopper) -> None:
    """One checkout of a person at a time: the account where there is one, else the browser's shopper."""
    if shopper.user_id is not None:
        User.objects.select_for_update(no_key=True).get(pk=shopper.user_id)
    else:
        Shopper.objects.select_for_update(no_key=True).get(pk=shopper.pk)


def _orders_before(shopper: Shopper, store: Store) -> list[Order]:
    """Orders that still wait for their payment, locked. What was paid this moment is none, and has emptied the cart."""
    ids = open_orders(shopper, store).order_by("pk").values_list("pk", flat=True)
    return [order for order in map(lock_order, list(ids)) if order.is_open]


def _is_being_paid(order: Order) -> bool:
    return order.attempts.filter(state__in=LIVE_ATTEMPTS).exists()


def _buyer(goods: Basket, *, shopper: Shopper, key: UUID, email: str, address: Address | None) -> Buyer:
    """Raises BadEmail, AddressNeeded, with their field."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as problem:
        raise BadEmail(field="email") from problem
    if goods.is_sent and address is None:
        raise AddressNeeded(field="address")
    ship_to = address if goods.is_sent else None
    return Buyer(shopper=shopper, key=key, email=email, ship_to=ship_to, country=goods.country)


def _check(goods: Basket, *, expects: Money | None) -> None:
    """Raises the first thing that is in the way of buying the basket as the buyer saw it."""
    if goods.is_empty:
        raise HoldExpired if goods.lost else EmptyBasket
    for problem in goods.problems:
        raise problem
    if expects is not None and goods.quote and goods.quote.total != expects:
        now = goods.quote.total
        raise (
            HoldExpired()
            if goods.lost
            else TotalChanged(now=now.format(), now_minor=now.amount_minor, currency=now.currency)
        )


@inside_transaction
def _place_and_pay(goods: Basket, buyer: Buyer, *, at: datetime) -> Order:
    if goods.quote is None:
        raise RuntimeError("a basket without problems has a quote")
    if buyer.ship_to is not None and buyer.ship_to.pk is None:
        buyer.ship_to.save()
    order = place(store=goods.store, buyer=buyer, wanted=_wanted(goods), quote=goods.quote, at=at)
    open_attempt(order=order, at=at)
    return order


def _wanted(goods: Basket) -> list[Wanted]:
    """In the order of the basket's quote."""
    from_cart = [Wanted(line.variant, line.quantity, line.price) for line in goods.lines]
    held = [Wanted(one.variant, 1, piece.price, piece) for one in goods.holds for piece in one.pieces]
    return from_cart + held


def _same_or_refuse(running: Sequence[Order], goods: Basket, buyer: Buyer) -> Order:
    """The order that is being paid, where it is what the buyer asks for again. Raises PaymentRunning."""
    for order in running:
        if _agreed(order) == _asked(goods, buyer):
            return order
    raise PaymentRunning(number=running[0].number, token=running[0].token)


def _agreed(order: Order) -> tuple[object, ...]:
    lines = order.lines.values_list("variant_id", "piece_id", "quantity", "unit_price_minor")
    ship_to = order.ship_to.lines if order.ship_to else []
    return sorted(lines, key=str), order.total, order.email, order.country, ship_to


def _asked(goods: Basket, buyer: Buyer) -> tuple[object, ...]:
    lines = [
        (one.variant.pk, one.piece.pk if one.piece else None, one.quantity, one.price.amount_minor)
        for one in _wanted(goods)
    ]
    ship_to = buyer.ship_to.lines if buyer.ship_to else []
    total = goods.quote.total if goods.quote else None
    return sorted(lines, key=str), total, buyer.email, buyer.country, ship_to
