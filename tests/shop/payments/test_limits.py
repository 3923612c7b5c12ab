"""What one card and one address may have of a sale, when the bank agreed and nothing was taken yet."""

import pytest
from django.test import Client

from shop.accounts.models import Address
from shop.core import clock
from shop.core.money import Money
from shop.ledger.queries import balance
from shop.orders.models import Order
from shop.payments.models import Attempt
from shop.payments.queries import progress
from shop.payments.seen import Status
from shop.payments.services import apply, refund, start_payment, talk
from shop.payments.states import AttemptState
from shop.stock.models import Allotment, Hold, Piece
from shop.stock.states import PieceState
from shop.stores.models import Store
from tests import make
from tests.fakes import Sandbox

CARD, OTHER_CARD = "card of the many", "another card"
SECOND_GOOD = "5555555555554444"


@pytest.fixture
def sale(store: Store) -> Allotment:
    """Nine pieces at 10 euros, one for each person."""
    return make.allotment(make.variant(make.product(store), stock=9), pieces=9)


def sale_of_two(store: Store) -> Allotment:
    """Nine pieces, two for each person."""
    return make.allotment(make.variant(make.product(store), stock=9), pieces=9, per_person=2)


def wants(sale: Allotment, *, pieces: int = 1, to: Address | None = None) -> Order:
    """Somebody new has pieces of the sale and pays."""
    buyer = make.shopper()
    make.hold(buyer, sale, pieces)
    return make.order(buyer, sale.variant.product.store, to=to)


def authorised(order: Order, card: str) -> Attempt:
    """The bank agreed to pay with this card."""
    attempt = order.attempts.latest("started_at")
    return apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.AUTHORISED, fingerprint=card), at=clock.now())


def answer(order: Order, card: str) -> tuple[str, str]:
    attempt = authorised(order, card)
    return attempt.state, attempt.refused_for


def voided(order: Order) -> Attempt:
    attempt = order.attempts.latest("started_at")
    return apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.DEAD), at=clock.now())


SOLD, BY_CARD, BY_ADDRESS = ("authorised", ""), ("open", "card_limit"), ("open", "address_limit")


def test_a_card_buys_no_more_of_a_sale_than_a_person_may(sale: Allotment) -> None:
    assert answer(wants(sale), CARD) == SOLD

    second = wants(sale)
    assert answer(second, CARD) == BY_CARD
    assert Piece.objects.get(order_lines__order=second).state == PieceState.PAYING
    assert answer(wants(sale), OTHER_CARD) == SOLD


def test_pieces_are_summed_up_to_the_limit(store: Store) -> None:
    sale = sale_of_two(store)
    assert answer(wants(sale), CARD) == SOLD
    assert answer(wants(sale, pieces=2), CARD) == BY_CARD
    assert answer(wants(sale), CARD) == SOLD
    assert answer(wants(sale), CARD) == BY_CARD


def test_each_sale_has_its_own_limit(store: Store, sale: Allotment) -> None:
    assert answer(wants(sale), CARD) == SOLD
    assert answer(wants(sale_of_two(store), pieces=2), CARD) == SOLD


def test_an_address_gets_no_more_of_a_sale_than_a_person_may_however_it_is_written(sale: Allotment) -> None:
    home = make.address()
    same = Address(name="Victor", line1="HAUPTSTRASSE 1", postal_code="10 115", city="Berlin", country="DE")
    flat = Address(name="Wanda", line1="Hauptstr. 1", line2="Flat 4", postal_code="10115", city="Berlin", country="DE")

    assert answer(wants(sale, to=home), CARD) == SOLD
    assert answer(wants(sale, to=same), OTHER_CARD) == BY_ADDRESS
    assert answer(wants(sale, to=flat), "a third card") == SOLD


def test_what_was_given_back_may_be_bought_again(sale: Allotment) -> None:
    order = wants(sale)
    authorised(order, CARD)
    attempt = make.attempt_of(order)
    apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.PAID), at=clock.now())
    order.refresh_from_db()
    refund(
        order=order,
        lines={order.lines.get().pk: 1},
        comes_back=True,
        with_shipping=True,
        by=None,
        reason="Broken",
        at=clock.now(),
    )

    assert answer(wants(sale), CARD) == SOLD


def test_an_authorisation_that_vanished_does_not_count(sale: Allotment) -> None:
    order = wants(sale)
    authorised(order, CARD)
    voided(order)

    assert answer(wants(sale), CARD) == SOLD


def test_ordinary_goods_are_bought_by_one_card_without_end(store: Store) -> None:
    mug = make.variant(make.product(store), stock=9)
    for _ in range(3):
        buyer = make.shopper()
        make.in_cart(buyer, mug)
        order = make.order(buyer, store, to=make.address())
        attempt = make.attempt_of(order)
        apply(attempt_id=attempt.pk, seen=make.seen(attempt, Status.PAID, fingerprint=CARD), at=clock.now())
        order.refresh_from_db()
        assert order.is_paid


def test_what_was_refused_stays_refused_until_it_is_voided(sale: Allotment) -> None:
    first, second = wants(sale), wants(sale)
    authorised(first, CARD)
    authorised(second, CARD)
    voided(first)

    assert answer(second, CARD) == BY_CARD
    assert progress(second, at=clock.now()).stage == "ending"


def test_the_refused_order_may_be_paid_with_another_card(sale: Allotment) -> None:
    authorised(wants(sale), CARD)
    second = wants(sale)
    authorised(second, CARD)

    assert voided(second).state == AttemptState.DEAD
    assert Hold.objects.get(order_lines__order=second).ended_at is None
    start_payment(order=second, at=clock.now())
    again = second.attempts.latest("started_at")
    seen = make.seen(again, Status.AUTHORISED, fingerprint=OTHER_CARD)
    assert apply(attempt_id=again.pk, seen=seen, at=clock.now()).state == AttemptState.AUTHORISED


def test_our_own_no_gives_no_more_time(sale: Allotment) -> None:
    authorised(wants(sale), CARD)
    second = wants(sale)
    authorised(second, CARD)
    Hold.objects.filter(order_lines__order=second).update(kept_s=0)

    voided(second)

    second.refresh_from_db()
    assert second.state == "lapsed"
    assert Piece.objects.get(order_lines__order=second).state == PieceState.FREE


def test_the_money_is_let_go_at_stripe_and_the_buyer_is_told(client: Client, sale: Allotment, sandbox: Sandbox) -> None:
    for order in (wants(sale), wants(sale)):
        sandbox.pay(talk(attempt_id=make.attempt_of(order).pk, at=clock.now()).url)
        told = talk(attempt_id=make.attempt_of(order).pk, at=clock.now())

    assert (told.state, told.refused_for) == (AttemptState.DEAD, "card_limit")
    (gone, *_) = sandbox.events("payment_intent.canceled")
    assert gone["data"]["object"]["id"] == told.intent_id
    assert balance("stripe", "EUR") == Money(1490, "EUR")
    sentence = "This card has already bought as many of this drop as one person may have. Your card was not charged."
    page = client.get(f"/orders/{order.token}/").content.decode()
    assert sentence in page
    assert "with another card" in page
    payment = client.get(f"/api/v1/orders/{order.token}/payment/").json()
    assert (payment["stage"], payment["decline_code"], payment["message"]) == ("failed", "card_limit", sentence)

    start_payment(order=order, at=clock.now())
    again = order.attempts.latest("started_at")
    sandbox.pay(talk(attempt_id=again.pk, at=clock.now()).url, card=SECOND_GOOD)
    assert talk(attempt_id=again.pk, at=clock.now()).state == AttemptState.PAID


def test_an_address_that_has_all_it_may_is_not_asked_to_pay_again(client: Client, sale: Allotment) -> None:
    home = make.address()
    authorised(wants(sale, to=home), CARD)
    second = wants(sale, to=make.address())
    authorised(second, OTHER_CARD)
    voided(second)

    page = client.get(f"/orders/{second.token}/").content.decode()

    assert "already go to this address. Your card was not charged." in page
    assert f'action="/orders/{second.token}/pay/"' not in page
    assert "Let it go" in page
