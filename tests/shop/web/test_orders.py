"""An order behind its secret link: paying it, following it, its receipt, cancelling it."""

import pytest
from django.db import transaction
from django.test import Client

from shop.core import clock
from shop.downloads.services import settle
from shop.fulfilment.services import pack, ship
from shop.orders.models import Order
from shop.payments.models import Attempt
from shop.payments.seen import Seen, Status
from shop.payments.services import apply
from tests import make
from tests.make.fulfilment import digital_file, packer, parcel
from tests.shop.web.pages import count_queries, words


@pytest.fixture
def shop(db):
    store = make.store("saltware")
    make.rates(store, price_minor=490)
    return store


@pytest.fixture
def mug(shop):
    return make.variant(make.product(shop, "Tide mug"), price_minor=2000, stock=10)


@pytest.fixture
def unpaid(vera, shop, mug) -> Order:
    make.in_cart(vera, mug)
    return make.order(vera, shop)


@pytest.fixture
def paid(vera, mug) -> Order:
    return make.paid_order(vera, (mug, 2))


def seen(order: Order, status: Status, **more: str) -> None:
    attempt = make.attempt_of(order)
    told = Seen(status=status, amount=attempt.amount, session_id="cs_1", **more)
    apply(attempt_id=attempt.pk, seen=told, at=clock.now())


PAGES = ["", "receipt/", "cancel/", "pay/", "payment/"]


@pytest.mark.parametrize("page", PAGES)
def test_a_guessed_link_leads_nowhere(client, paid, page):
    for token in ("nobody", paid.number, paid.token[:-1]):
        assert client.get(f"/orders/{token}/{page}").status_code == 404


@pytest.mark.parametrize("path", ["/orders/%00/", "/orders/%F0%9F%92%A9/", f"/orders/{'x' * 3000}/", "/orders/../"])
def test_an_odd_link_leads_nowhere_too(client, db, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_secret_page_is_kept_nowhere_indexed_nowhere_and_told_to_nobody(client, paid, page):
    answer = client.get(f"/orders/{paid.token}/{page}")

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"


def test_whoever_has_the_link_sees_the_order_without_a_cookie(client, paid):
    page = words(client.get(f"/orders/{paid.token}/"))

    assert f"Order {paid.number}" in page
    assert "Being packed" in page
    assert "Tide mug 2 × €40.00" in page
    assert "Tax included (19 %)" in page


def test_a_piece_tells_its_number(client, vera, shop):
    deal = make.allotment(make.variant(make.product(shop, "Bowl"), stock=200), pieces=200, price_minor=900)
    make.hold(vera, deal)
    order = make.pay(make.order(vera, shop))

    assert "Piece 1 of 200" in words(client.get(f"/orders/{order.token}/"))
    assert "Piece 1 of 200" in words(client.get(f"/orders/{order.token}/receipt/"))


def test_an_unpaid_order_says_so_and_offers_to_pay(client, unpaid):
    page = words(client.get(f"/orders/{unpaid.token}/"))

    assert "Waiting for your payment" in page
    assert "Pay €24.90" in page
    assert "Receipt" not in page


def test_the_waiting_page_goes_on_to_stripe_with_and_without_a_script(client, unpaid):
    waiting = client.get(f"/orders/{unpaid.token}/pay/").content.decode()
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting
    assert f'data-pay="/orders/{unpaid.token}/payment/"' in waiting

    seen(unpaid, Status.WAITING, url="https://pay.example/1")

    page = client.get(f"/orders/{unpaid.token}/pay/").content.decode()
    assert '<meta http-equiv="refresh" content="1;url=https://pay.example/1">' in page
    assert '<a class="button accent" href="https://pay.example/1"' in page


def test_the_progress_tells_a_script_where_to_go(client, unpaid):
    def ask() -> dict[str, object]:
        return dict(client.get(f"/orders/{unpaid.token}/payment/").json())

    assert (ask()["url"], ask()["is_final"]) == (None, False)

    seen(unpaid, Status.WAITING, url="https://pay.example/1")
    assert ask()["url"] == "https://pay.example/1"

    seen(unpaid, Status.PAID, intent_id="pi_1")
    assert (ask()["url"], ask()["is_final"]) == (f"/orders/{unpaid.token}/", True)


def test_a_paid_order_is_not_paid_again(client, paid):
    assert client.get(f"/orders/{paid.token}/pay/").headers["Location"] == f"/orders/{paid.token}/"

    answer = client.post(f"/orders/{paid.token}/pay/", follow=True)

    assert "not waiting for a payment" in words(answer)
    assert Attempt.objects.filter(order=paid).count() == 1


def test_pressing_pay_twice_finds_the_payment_that_runs(client, unpaid):
    client.post(f"/orders/{unpaid.token}/pay/")
    client.post(f"/orders/{unpaid.token}/pay/")

    assert Attempt.objects.filter(order=unpaid).count() == 1


def test_a_declined_card_is_told_and_another_try_is_offered(client, unpaid):
    seen(unpaid, Status.DEAD, decline_code="insufficient_funds")

    page = words(client.get(f"/orders/{unpaid.token}/"))
    assert "The card does not cover the amount" in page

    answer = client.post(f"/orders/{unpaid.token}/pay/")
    assert answer.headers["Location"] == f"/orders/{unpaid.token}/pay/"
    assert Attempt.objects.filter(order=unpaid).count() == 2


def test_giving_up_asks_for_the_end_of_the_payment(client, unpaid):
    answer = client.post(f"/orders/{unpaid.token}/give-up/")

    assert answer.headers["Location"] == f"/orders/{unpaid.token}/"
    assert make.attempt_of(unpaid).end_asked_at is not None
    assert client.get(f"/orders/{unpaid.token}/payment/").json()["stage"] == "ending"
    page = client.get(f"/orders/{unpaid.token}/").content.decode()
    assert "The payment is being ended." in page
    assert "/give-up/" not in page


def test_a_parcel_on_its_way_is_followed_from_the_page(client, fred, shop, paid):
    packer(shop, fred)
    box = parcel(paid)
    contents = {item.pk: item.quantity for item in box.items.all()}
    pack(parcel=box, contents=contents, by=fred, at=clock.now())
    box.refresh_from_db()
    ship(parcel=box, carrier="dhl", tracking_number="00340 4341", at=clock.now())

    page = client.get(f"/orders/{paid.token}/")

    assert "DHL · 00340 4341" in words(page)
    assert "piececode=00340%204341" in page.content.decode()
    assert "Cancel this order" not in words(page)


def test_bought_files_can_be_fetched_from_the_page(client, vera, shop):
    song = make.variant(make.product(shop, "Song"), is_digital=True)
    digital_file(song.product, "song.zip")
    order = make.paid_order(vera, (song, 1))
    assert "Your files appear here in a moment." in words(client.get(f"/orders/{order.token}/"))

    with transaction.atomic():
        settle(order_id=order.pk)

    page = client.get(f"/orders/{order.token}/")
    assert "song.zip" in words(page)
    assert f'href="/orders/{order.token}/files/' in page.content.decode()


def test_the_receipt_names_seller_buyer_and_tax(client, shop, paid):
    shop.vat_id = "DE123456789"
    shop.save()

    page = words(client.get(f"/orders/{paid.token}/receipt/"))

    assert "Hauptstr. 1, 10115 Berlin" in page
    assert "DE123456789" in page
    assert "2 × €20.00" in page
    assert "Total €44.90" in page
    assert "Tax included (19 %) €7.17" in page


def test_there_is_no_receipt_before_it_is_paid(client, unpaid):
    assert client.get(f"/orders/{unpaid.token}/receipt/").status_code == 404


def test_cancelling_asks_first_and_then_gives_the_money_back(client, paid, mug):
    assert "Cancel this order?" in words(client.get(f"/orders/{paid.token}/cancel/"))
    assert "Goes to" in words(client.get(f"/orders/{paid.token}/"))
    assert Order.objects.get().is_paid

    client.post(f"/orders/{paid.token}/cancel/")

    page = words(client.get(f"/orders/{paid.token}/"))
    assert "This order was cancelled" in page
    assert "−€44.90" in page
    assert "Goes to" not in page
    assert make.on_hand(mug) == 10


def test_a_packed_order_is_not_cancelled_any_more(client, fred, shop, paid):
    packer(shop, fred)
    box = parcel(paid)
    pack(parcel=box, contents={item.pk: item.quantity for item in box.items.all()}, by=fred, at=clock.now())

    answer = client.post(f"/orders/{paid.token}/cancel/")

    assert answer.status_code == 409
    assert "packed already" in words(answer)
    assert Order.objects.get().is_paid


def test_a_forged_form_cancels_nothing(paid):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(f"/orders/{paid.token}/cancel/").status_code == 403
    assert Order.objects.get().is_paid


def test_the_page_asks_no_more_queries_for_more_lines(client, vera, shop, mug):
    small = make.paid_order(vera, (mug, 1))
    more = [make.variant(make.product(shop, f"Mug {number}"), stock=3) for number in range(5)]
    large = make.paid_order(vera, *((one, 1) for one in more))

    with count_queries() as few:
        client.get(f"/orders/{small.token}/")
    with count_queries() as many:
        client.get(f"/orders/{large.token}/")

    assert len(few) == len(many) <= 16


@pytest.mark.parametrize(("page", "most"), [("receipt/", 10), ("cancel/", 5), ("pay/", 8), ("payment/", 8)])
def test_the_other_pages_ask_few_queries(client, unpaid, victor, mug, page, most):
    for order in (unpaid, make.paid_order(victor, (mug, 1))):
        with count_queries() as queries:
            client.get(f"/orders/{order.token}/{page}")
        assert len(queries) <= most
