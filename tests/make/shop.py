"""Stores, goods and what there is of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from django.db import transaction

from shop.accounts.models import User
from shop.catalog.models import Product, Variant
from shop.core import clock
from shop.stock import levels, services
from shop.stock.models import Allotment, StockLevel
from shop.stores.models import Member, Role, Store

_NUMBERS = count(1)


def store(handle: str = "", *, owner: User | None = None, currency: str = "EUR", country: str = "DE") -> Store:
    """An open store, with its owner where one is named."""
    handle = handle or f"store-{next(_NUMBERS)}"
    made = Store.objects.create(
        handle=handle,
        name=handle.title(),
        currency=currency,
        country=country,
        seller=f"{handle.title()} GmbH, Hauptstr. 1, 10115 Berlin",
        contact_email=f"{handle}@stagedoor.example",
    )
    if owner:
        Member.objects.create(store=made, user=owner, role=Role.OWNER)
    return made


def product(of: Store | None = None, title: str = "Mug") -> Product:
    """A published product without variants."""
    return Product.objects.create(
        store=of or store(),
        handle=f"{title.lower().replace(' ', '-')}-{next(_NUMBERS)}",
        title=title,
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def variant(
    of: Product | None = None,
    *,
    price_minor: int = 2000,
    weight_g: int = 300,
    is_digital: bool = False,
    stock: int = 0,
    options: Sequence[str] = (),
) -> Variant:
    """A variant, with so many on hand."""
    of = of or product()
    made = Variant.objects.create(
        product=of,
        options=list(options),
        sku=f"SKU-{next(_NUMBERS)}",
        currency=of.store.currency,
        price_minor=price_minor,
        weight_g=0 if is_digital else weight_g,
        is_digital=is_digital,
    )
    if stock:
        stock_up(made, stock)
    return made


def on_hand(of: Variant) -> int:
    """How many there are now."""
    return StockLevel.objects.get(variant=of).on_hand


def stock_up(of: Variant, quantity: int) -> None:
    """So many more arrive."""
    with transaction.atomic():
        levels.receive(variant=of, quantity=quantity, reference=f"make:{uuid4()}")


def allotment(
    of: Variant | None = None,
    *,
    pieces: int = 3,
    price_minor: int = 1000,
    per_person: int = 1,
    hold_s: int = 120,
    opens_at: datetime | None = None,
    lasts: timedelta = timedelta(minutes=10),
) -> Allotment:
    """An allotment carved from the variant's stock (made for it), open since a minute ago unless told otherwise."""
    of = of or variant(stock=pieces)
    opens_at = opens_at or clock.database_now() - timedelta(minutes=1)
    with transaction.atomic():
        made = services.carve(
            variant=of,
            prices_minor=[price_minor] * pieces,
            currency=of.currency,
            per_person=per_person,
            hold_s=hold_s,
        )
        services.open_allotment(allotment=made, opens_at=opens_at, closes_at=opens_at + lasts)
    return made
