"""Orders that are paid already, with what follows from them."""

from datetime import UTC, datetime
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction

from shop.accounts.models import Address, Shopper, User
from shop.catalog.models import DigitalFile, Product, Variant
from shop.fulfilment.models import Parcel
from shop.fulfilment.services import open_parcel
from shop.orders.models import Order, OrderLine
from shop.orders.states import OrderState
from shop.payments.models import Attempt
from shop.payments.states import AttemptState
from shop.stock import claiming, services
from shop.stock.models import Allotment, Piece
from shop.stores.models import Member, Role, Store
from tests.make.people import shopper, user
from tests.make.shop import product, store, variant

PAID_AT = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)


def address(name: str = "Vera Viewer", *, line1: str = "Lindenweg 4", city: str = "Berlin") -> Address:
    """A German address."""
    return Address.objects.create(name=name, line1=line1, postal_code="10115", city=city, country="DE")


def paid_order(
    *goods: tuple[Variant, int],
    of: Store | None = None,
    by: Shopper | None = None,
    email: str = "vera@stagedoor.example",
    ship_to: Address | None = None,
    shipping_minor: int = 490,
) -> Order:
    """An order that was paid an hour before noon: two mugs, unless told otherwise. Nothing followed from it yet."""
    of = of or (goods[0][0].product.store if goods else store())
    goods = goods or ((variant(product(of), stock=5), 2),)
    is_sent = any(not one.is_digital for one, _ in goods)
    items = sum(one.price_minor * quantity for one, quantity in goods)
    shipping_minor = shipping_minor if is_sent else 0
    order = Order.objects.create(
        key=uuid4(),
        store=of,
        shopper=by or shopper(),
        email=email,
        ship_to=(ship_to or address()) if is_sent else None,
        country="DE",
        currency=of.currency,
        items_minor=items,
        shipping_minor=shipping_minor,
        shipping_name="Standard" if is_sent else "",
        tax_minor=(items + shipping_minor) * 19 // 119,
        tax_rate_bp=1900,
        total_minor=items + shipping_minor,
        state=OrderState.PAID,
        placed_at=PAID_AT,
        paid_at=PAID_AT,
    )
    OrderLine.objects.bulk_create(_line(order, one, quantity) for one, quantity in goods)
    _paid_attempt(order)
    return order


def sold_piece(of: Allotment, *, email: str = "vera@stagedoor.example") -> Order:
    """A paid order of the next free piece of a sale."""
    buyer = shopper()
    claimed = claiming.claim_pieces(allotment_id=of.id, shopper_id=buyer.id, key=uuid4(), quantity=1)
    with transaction.atomic():
        services.fence(hold_ids=[claimed.hold_id], for_s=300)
        services.sell(hold_ids=[claimed.hold_id])
    order = paid_order((of.variant, 1), by=buyer, email=email)
    piece = Piece.objects.get(hold_id=claimed.hold_id)
    order.lines.update(piece=piece, hold=piece.hold, unit_price_minor=piece.price_minor)
    Order.objects.filter(id=order.id).update(
        items_minor=piece.price_minor, total_minor=piece.price_minor + order.shipping_minor
    )
    order.attempts.update(amount_minor=piece.price_minor + order.shipping_minor)
    return Order.objects.get(id=order.id)


def parcel(order: Order) -> Parcel:
    """The parcel that follows from a paid order."""
    with transaction.atomic():
        opened = open_parcel(order_id=order.id)
    assert opened is not None
    return opened


def packer(of: Store, who: User | None = None) -> User:
    """Somebody who packs for a store."""
    who = who or user(name="Fred")
    Member.objects.create(store=of, user=who, role=Role.FULFILMENT)
    return who


def digital_file(of: Product, name: str = "songs.zip", content: bytes = b"la la la") -> DigitalFile:
    """A file in private storage."""
    made = DigitalFile(product=of, name=name, size=len(content))
    made.file.save(name, ContentFile(content), save=False)
    made.save()
    return made


def _line(order: Order, one: Variant, quantity: int) -> OrderLine:
    return OrderLine(
        order=order,
        variant=one,
        title=one.product.title,
        variant_title=one.title,
        sku=one.sku,
        quantity=quantity,
        unit_price_minor=one.price_minor,
        tax_minor=one.price_minor * quantity * 19 // 119,
        currency=order.currency,
        weight_g=one.weight_g,
        is_digital=one.is_digital,
    )


def _paid_attempt(order: Order) -> Attempt:
    return Attempt.objects.create(
        order=order,
        amount_minor=order.total_minor,
        currency=order.currency,
        captures_later=False,
        state=AttemptState.PAID,
        session_id=f"cs_{uuid4().hex}",
        intent_id=f"pi_{uuid4().hex}",
        started_at=PAID_AT,
        pay_until=PAID_AT,
        looked_at=PAID_AT,
        ended_at=PAID_AT,
    )
