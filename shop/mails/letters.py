"""The words of every letter. Each function takes an id, reads the rows as they are now, and returns the Letter."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from shop.core.money import Money
from shop.fulfilment.models import Parcel
from shop.fulfilment.queries import lines_with_pieces, orders_in
from shop.mails.letter import Letter, Link, Row, address_of
from shop.orders.models import Order, OrderLine
from shop.payments.models import Refund
from shop.stores.models import Store


def order_paid(order_id: int) -> Letter:
    """The receipt: what was bought, what it cost, who sold it, and where to follow it."""
    order = _order(order_id)
    lines = list(lines_with_pieces().filter(order=order))
    return Letter(
        reference=f"order.paid:{order.id}",
        to=order.email,
        subject=_("Your order {number} from {store}").format(number=order.number, store=order.store.name),
        heading=_("Thank you, it is yours."),
        paragraphs=(_("Your payment arrived. {next}").format(next=_what_comes_next(lines)),),
        store=order.store,
        facts=_delivery(order),
        rows=tuple(_row(line) for line in lines),
        totals=_totals(order),
        links=_links_of(order, has_files=any(line.is_digital for line in lines)),
        small=_seller(order.store),
    )


def money_back(refund_id: UUID) -> Letter:
    """What goes back, for which things, and why."""
    refund = Refund.objects.select_related("attempt__order__store").get(id=refund_id)
    order = refund.attempt.order
    quantities = dict(refund.lines.values_list("order_line_id", "quantity"))
    lines = lines_with_pieces().filter(id__in=quantities)
    is_everything = not order.is_paid
    heading = _("Your order was cancelled.") if is_everything else _("Part of your money goes back.")
    return Letter(
        reference=f"refund.asked:{refund.id}",
        to=order.email,
        subject=_("{amount} back for order {number}").format(amount=refund.amount.format(), number=order.number),
        heading=heading,
        paragraphs=tuple(filter(None, [refund.reason, _when_it_arrives(refund.amount)])),
        store=order.store,
        rows=tuple(_row(line, quantity=quantities[line.id]) for line in lines),
        totals=((_("Goes back"), refund.amount),),
        links=_links_of(order),
        small=_seller(order.store),
    )


def parcel_packed(parcel_id: int) -> Letter:
    """The parcel is closed."""
    parcel = _parcel(parcel_id)
    return _about_parcel(
        parcel,
        reference=f"parcel.packed:{parcel.id}",
        subject=_("Your parcel from {store} is packed").format(store=parcel.store.name),
        heading=_("Packed, and ready to go."),
        said=_("Your parcel is closed. We write again when the carrier has it."),
    )


def parcel_shipped(parcel_id: int) -> Letter:
    """The carrier has it. Its reference names the tracking number: a corrected one is told again."""
    parcel = _parcel(parcel_id)
    return _about_parcel(
        parcel,
        reference=f"parcel.shipped:{parcel.id}:{parcel.tracking_number}",
        subject=_("Your parcel from {store} is on its way").format(store=parcel.store.name),
        heading=_("It is on its way."),
        said=_("We handed your parcel over to the carrier."),
    )


def parcel_delivered(parcel_id: int) -> Letter:
    """It arrived."""
    parcel = _parcel(parcel_id)
    return _about_parcel(
        parcel,
        reference=f"parcel.delivered:{parcel.id}",
        subject=_("Your parcel from {store} has arrived").format(store=parcel.store.name),
        heading=_("It has arrived."),
        said=_("Your parcel was delivered. If something is wrong with it, answer from your order's page."),
    )


def order_links(*, email: str, orders: Iterable[Order], reference: str) -> Letter:
    """The links to somebody's orders, only ever to the address they were paid with."""
    found = list(orders)
    return Letter(
        reference=reference,
        to=email,
        subject=_("Your orders"),
        heading=_("Here are your orders."),
        paragraphs=(_("Somebody, probably you, asked for the links to the orders made with this address."),),
        links=tuple(Link(f"{order.number} · {order.store.name}", _page_of(order)) for order in found),
        small=_("If you did not ask, you need not do anything: the links went to nobody else."),
    )


def _order(order_id: int) -> Order:
    return Order.objects.select_related("store", "ship_to").get(id=order_id)


def _parcel(parcel_id: int) -> Parcel:
    return Parcel.objects.select_related("store", "ship_to").get(id=parcel_id)


def _about_parcel(parcel: Parcel, *, reference: str, subject: str, heading: str, said: str) -> Letter:
    quantities = dict(parcel.items.filter(quantity__gt=0).values_list("order_line_id", "quantity"))
    lines = lines_with_pieces().filter(id__in=quantities)
    return Letter(
        reference=reference,
        to=parcel.email,
        subject=subject,
        heading=heading,
        paragraphs=(said,),
        store=parcel.store,
        facts=(*_carrier(parcel), (_("Goes to"), "\n".join(parcel.ship_to.lines))),
        rows=tuple(_row(line, quantity=quantities[line.id], tells_price=False) for line in lines),
        links=_links_of_parcel(parcel),
        small=_seller(parcel.store),
    )


def _carrier(parcel: Parcel) -> tuple[tuple[str, str], ...]:
    if not parcel.carrier:
        return ()
    number = ((_("Tracking number"), parcel.tracking_number),) if parcel.tracking_number else ()
    return ((_("Carrier"), parcel.carrier_name), *number)


def _links_of_parcel(parcel: Parcel) -> tuple[Link, ...]:
    orders = list(orders_in(parcel))
    url = parcel.tracking_url
    at_carrier = (Link(_("Follow it at the carrier"), url),) if url else ()
    return (*at_carrier, *(Link(_("Order {number}").format(number=order.number), _page_of(order)) for order in orders))


def _row(line: OrderLine, *, quantity: int | None = None, tells_price: bool = True) -> Row:
    quantity = quantity or line.quantity
    amount = line.unit_price * quantity if tells_price else None
    return Row(line.title, " · ".join(filter(None, [line.variant_title, piece_of(line)])), quantity, amount)


def piece_of(line: OrderLine) -> str:
    """ "Piece 17 of 200", for a line of lines_with_pieces(); empty for an ordinary line."""
    if line.piece is None:
        return ""
    return _("Piece {number} of {of}").format(number=line.piece.number, of=line.piece_of)  # type: ignore[attr-defined]


def _totals(order: Order) -> tuple[tuple[str, Money], ...]:
    shipping = _("Delivery ({name})").format(name=order.shipping_name) if order.shipping_name else _("Delivery")
    tax = _("Tax included ({rate} %)").format(rate=f"{order.tax_rate_bp / 100:g}")
    parts = [(_("Items"), order.items)]
    parts += [(shipping, order.shipping)] if order.ship_to else []
    parts += [(_("Total"), order.total)]
    return (*parts, (tax, order.tax)) if order.tax_minor else tuple(parts)


def _delivery(order: Order) -> tuple[tuple[str, str], ...]:
    number = (_("Order"), order.number)
    return (number, (_("Goes to"), "\n".join(order.ship_to.lines))) if order.ship_to else (number,)


def _links_of(order: Order, *, has_files: bool = False) -> tuple[Link, ...]:
    page = _page_of(order)
    follow = Link(_("See your order"), page)
    return (Link(_("Download your files"), f"{page}#files"), follow) if has_files else (follow,)


def _page_of(order: Order) -> str:
    return address_of(reverse("order", args=[order.token]))


def _what_comes_next(lines: list[OrderLine]) -> str:
    if all(line.is_digital for line in lines):
        return _("Your files are ready to download.")
    if any(line.is_digital for line in lines):
        return _("Your files are ready to download, and your parcel is put together next.")
    return _("Your parcel is put together next; we write again when it is on its way.")


def _when_it_arrives(amount: Money) -> str:
    return _("{amount} goes back the way it came. Banks need up to ten days to show it.").format(amount=amount.format())


def _seller(store: Store) -> str:
    """Who sold it, as the law wants it on a receipt."""
    vat_id = _("VAT ID {number}").format(number=store.vat_id) if store.vat_id else ""
    return "\n".join(filter(None, [store.seller, vat_id, store.contact_email]))
