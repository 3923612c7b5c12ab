"""What letters say, in text and in HTML, from the rows as they are."""

import re

import html5lib  # type: ignore[import-untyped]
import pytest
from django.db import transaction

from shop.accounts.models import User
from shop.fulfilment.models import Parcel
from shop.fulfilment.services import deliver, pack, ship, unship
from shop.mails import letters
from shop.mails.finding import send_order_links
from shop.mails.letter import Letter, mail_of
from shop.mails.models import Mail
from shop.mails.services import write
from shop.orders.models import Order
from shop.payments.models import Refund
from shop.payments.services import cancel_order, refund
from tests import make
from tests.conftest import NOON
from tests.make.fulfilment import paid_order, parcel, sold_piece

pytestmark = pytest.mark.django_db


def packed(order: Order, by: User) -> Parcel:
    box = parcel(order)
    return pack(parcel=box, contents={item.id: item.quantity for item in box.items.all()}, by=by, at=NOON)


def words(letter: Letter) -> str:
    """The text, with the HTML held to saying the same."""
    mail = mail_of(letter)
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(mail.html)
    shown = " ".join("".join(page.itertext()).split())
    for said in (letter.heading, *letter.paragraphs, *(row.title for row in letter.rows)):
        assert said in shown
        assert said in mail.text
    return mail.text


def test_the_receipt_says_what_was_bought_what_it_cost_and_who_sold_it() -> None:
    store = make.store("saltware")
    mug = make.variant(make.product(store, "Tide Mug"), price_minor=2600, stock=5, options=["Rust"])
    order = paid_order((mug, 2))

    letter = letters.order_paid(order.id)
    text = words(letter)

    assert letter.to == "vera@stagedoor.example"
    assert order.number in letter.subject
    assert "- 2 × Tide Mug (Rust): €52.00" in text
    assert "Delivery (Standard): €4.90" in text
    assert "Total: €56.90" in text
    assert "Tax included (19 %): €9.08" in text
    assert "Saltware GmbH" in text
    assert f"http://testserver/orders/{order.token}/" in text
    assert "Lindenweg 4" in text
    assert "Download" not in text


def test_a_numbered_piece_is_named_by_its_number() -> None:
    order = sold_piece(make.allotment(pieces=3))

    assert "Piece 1 of 3" in words(letters.order_paid(order.id))


def test_files_bring_the_way_to_them() -> None:
    order = paid_order((make.variant(is_digital=True), 1))

    letter = letters.order_paid(order.id)

    assert letter.links[0].url == f"http://testserver/orders/{order.token}/#files"
    assert "Delivery" not in words(letter)


def test_each_step_of_a_parcel_is_told_once_without_prices(fred: User) -> None:
    order = paid_order()
    box = packed(order, fred)
    first = letters.parcel_packed(box.id)
    ship(parcel=box, carrier="dhl", tracking_number="00340434", at=NOON)
    second = letters.parcel_shipped(box.id)
    deliver(parcel=box, at=NOON)
    third = letters.parcel_delivered(box.id)

    text = words(second)

    assert "Carrier: DHL" in text
    assert "Tracking number: 00340434" in text
    assert "piececode=00340434" in text
    assert all("€" not in words(letter) for letter in (first, second, third))
    assert len({first.reference, second.reference, third.reference}) == 3


def test_a_corrected_tracking_number_is_told_again_and_the_same_one_is_not(fred: User) -> None:
    box = packed(paid_order(), fred)
    for number in ("11111", "11111", "22222"):
        ship(parcel=box, carrier="dhl", tracking_number=number, at=NOON)
        with transaction.atomic():
            write(letters.parcel_shipped(box.id))
        unship(parcel=box)

    assert [re.search(r"number: (\d+)", mail.text)[1] for mail in Mail.objects.order_by("id")] == ["11111", "22222"]  # type: ignore[index]


def test_a_parcel_of_two_orders_links_to_both(fred: User) -> None:
    store = make.store()
    first, second = paid_order(of=store), paid_order(of=store)
    parcel(first)

    letter = letters.parcel_packed(packed(second, fred).id)

    assert [link.label for link in letter.links] == [f"Order {first.number}", f"Order {second.number}"]


def test_a_refund_says_how_much_for_what_and_why() -> None:
    order = paid_order()
    line = order.lines.get()
    made = refund(
        order=order, lines={line.id: 1}, comes_back=False, with_shipping=False, by=None, reason="It broke.", at=NOON
    )

    text = words(letters.money_back(made.id))

    assert "Part of your money goes back." in text
    assert "It broke." in text
    assert "- Mug: €20.00" in text
    assert "Goes back: €20.00" in text


def test_a_cancelled_order_says_so() -> None:
    order = paid_order()
    with transaction.atomic():
        cancel_order(order=order, by=None, reason="The show was cancelled.", at=NOON)

    text = words(letters.money_back(Refund.objects.get().id))

    assert "Your order was cancelled." in text
    assert "Goes back: €44.90" in text


def test_links_to_orders_go_to_the_address_that_paid_and_to_nobody_else() -> None:
    mine = paid_order(email="vera@stagedoor.example")
    theirs = paid_order(email="victor@stagedoor.example")

    send_order_links(email="VERA@stagedoor.example")
    send_order_links(email="nobody@stagedoor.example")

    mail = Mail.objects.get()
    assert mail.to == "vera@stagedoor.example"
    assert mine.token in mail.text
    assert theirs.token not in mail.text


def test_what_a_creator_calls_things_cannot_break_a_letter() -> None:
    store = make.store()
    store.name = 'Cora\r\nBcc: all@stagedoor.example <b>"'
    store.save()
    nasty = make.variant(make.product(store, "<script>alert(1)</script> & co"), stock=2)
    order = paid_order((nasty, 1))

    mail = mail_of(letters.order_paid(order.id))

    assert "\n" not in mail.subject
    assert "<script>" not in mail.html
    assert "<script>alert(1)</script> & co" in mail.text
