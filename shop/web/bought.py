"""What was bought, line by line, as an order's pages and the account print it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from shop.catalog.models import Picture
from shop.core.money import Money
from shop.fulfilment.queries import lines_with_pieces
from shop.mails.letters import piece_of
from shop.orders.models import Order, OrderLine


@dataclass(frozen=True)
class Bought:
    """One line: "Mug", "Blue / L · Piece 17 of 200", so many, each for so much."""

    title: str
    note: str
    sku: str
    quantity: int
    each: Money
    price: Money
    picture: Picture | None


def bought(order: Order) -> list[Bought]:
    """The order's lines with piece numbers and pictures, in two queries."""
    lines = lines_with_pieces().filter(order=order).prefetch_related("variant__product__pictures")
    return [_bought(line) for line in lines]


def tax_name(rate_bp: int) -> str:
    """What the contained tax is called, by its rate in hundredths of a percent: "Tax included (19 %)"."""
    return _("Tax included ({rate} %)").format(rate=f"{rate_bp / 100:g}")


def _bought(line: OrderLine) -> Bought:
    return Bought(
        title=line.title,
        note=" · ".join(filter(None, [line.variant_title, piece_of(line), _returned(line)])),
        sku=line.sku,
        quantity=line.quantity,
        each=line.unit_price,
        price=line.total,
        picture=next(iter(line.variant.product.pictures.all()), None),
    )


def _returned(line: OrderLine) -> str:
    if not line.returned_quantity:
        return ""
    return _("{back} refunded").format(back=line.returned_quantity)
