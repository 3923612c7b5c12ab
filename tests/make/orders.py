"""Baskets and orders on their way to being paid."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.db import transaction

from shop.accounts.models import Address, Shopper
from shop.cart.models import CartLine
from shop.cart.services import put_in_cart
from shop.catalog.models import Variant
from shop.checkout.services import check_out
from shop.core import clock
from shop.core.money import Money
from shop.orders.models import Order
from shop.payments.models import Attempt
from shop.payments.seen import Seen, Status
from shop.payments.services import apply
from shop.pricing.models import Offer, ShippingRate, TaxRate
from shop.pricing.services import open_offer
from shop.stock.claiming import claim_pieces
from shop.stock.models import Allotment, Hold
from shop.stores.models import Store


def rates(store: Store, *, price_minor: int = 490, up_to_g: int = 30_000, tax_bp: int = 1900) -> None:
    """The store sends anywhere at one price, and its prices contain one tax."""
    ShippingRate.objects.create(store=store, country="*", name="Parcel", up_to_g=up_to_g, price_minor=price_minor)
    TaxRate.objects.create(store=store, country="*", rate_bp=tax_bp)


def address(country: str = "DE", *, of: Shopper | None = None) -> Address:
    """Somewhere to send things to, not saved yet; where a shopper is named, a house that is the shopper's alone."""
    house = of.pk.int % 10**9 if of else 1
    return Address(name="Vera Viewer", line1=f"Hauptstr. {house}", postal_code="10115", city="Berlin", country=country)


def in_cart(shopper: Shopper, variant: Variant, quantity: int = 1) -> CartLine:
    """Units put into the cart."""
    return put_in_cart(shopper=shopper, variant=variant, quantity=quantity, at=clock.now())


def hold(shopper: Shopper, of: Allotment, quantity: int = 1) -> Hold:
    """Pieces claimed."""
    claimed = claim_pieces(allotment_id=of.pk, shopper_id=shopper.pk, key=uuid4(), quantity=quantity)
    return Hold.objects.get(pk=claimed.hold_id)


def offer(of: Variant, price_minor: int, *, closes_at: datetime | None = None) -> Offer:
    """A lower price for everyone, open since the beginning of the year."""
    opens_at = datetime(2026, 1, 1, tzinfo=UTC)
    price = Money(price_minor, of.currency)
    with transaction.atomic():
        return open_offer(variant=of, price=price, for_everyone=True, opens_at=opens_at, closes_at=closes_at)


def order(
    shopper: Shopper,
    store: Store,
    *,
    key: UUID | None = None,
    at: datetime | None = None,
    email: str = "vera@stagedoor.example",
    to: Address | None = None,
) -> Order:
    """The shopper's basket checked out, sent to the shopper's own house: an order whose payment was started."""
    return check_out(
        shopper=shopper,
        store=store,
        email=email,
        address=to or address(of=shopper),
        key=key or uuid4(),
        country="DE",
        at=at or clock.now(),
    )


def attempt_of(order: Order) -> Attempt:
    """The order's only attempt, as it is now."""
    return Attempt.objects.get(order=order)


def seen(
    attempt: Attempt,
    status: Status,
    *,
    amount_minor: int | None = None,
    fingerprint: str = "",
    decline_code: str = "",
) -> Seen:
    """What Stripe would say of an attempt."""
    return Seen(
        status=status,
        amount=Money(attempt.amount_minor if amount_minor is None else amount_minor, attempt.currency),
        session_id=f"cs_test_{attempt.pk.hex}",
        intent_id="" if status == Status.WAITING else f"pi_{attempt.pk.hex}",
        url=f"https://pay.example/{attempt.pk}" if status == Status.WAITING else "",
        fingerprint=fingerprint,
        decline_code=decline_code,
    )


def pay(order: Order, *, at: datetime | None = None) -> Order:
    """The payment of an order came in, as Stripe would have told."""
    attempt, at = attempt_of(order), at or clock.now()
    if attempt.captures_later:
        apply(attempt_id=attempt.pk, seen=seen(attempt, Status.AUTHORISED), at=at)
    apply(attempt_id=attempt.pk, seen=seen(attempt, Status.PAID), at=at)
    order.refresh_from_db()
    return order


def paid_order(shopper: Shopper, *lines: tuple[Variant, int], at: datetime | None = None) -> Order:
    """So many units of each variant (all of one store) bought and paid; the store's rates are made if it has none."""
    store = lines[0][0].product.store
    if not ShippingRate.objects.filter(store=store).exists():
        rates(store)
    for variant, quantity in lines:
        in_cart(shopper, variant, quantity)
    return pay(order(shopper, store, at=at), at=at)
