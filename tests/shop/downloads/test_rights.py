"""Rights: one for each unit bought, revoked with exactly the unit that goes back."""

from urllib.parse import unquote

import pytest
from django.core.signing import TimestampSigner
from django.db import transaction
from django.test import Client
from django.urls import reverse

from shop.accounts.models import Shopper, User
from shop.catalog.models import DigitalFile
from shop.checkout.cancel import cancel_by_buyer
from shop.downloads import link
from shop.downloads.models import Right
from shop.downloads.queries import files_of, library_of
from shop.downloads.services import AlreadyFetched, settle
from shop.orders.models import Order
from shop.payments.models import Refund
from shop.payments.services import refund
from tests import make
from tests.conftest import NOON
from tests.make.fulfilment import digital_file, paid_order

pytestmark = pytest.mark.django_db


def album(units: int = 1, by: Shopper | None = None) -> tuple[Order, DigitalFile]:
    """A paid order of so many copies of one file, its rights given."""
    product = make.product(title="Album")
    file = digital_file(product, name="Lieder für Käthe.zip")
    order = paid_order((make.variant(product, is_digital=True), units), by=by)
    settled(order)
    return order, file


def settled(order: Order) -> None:
    with transaction.atomic():
        settle(order_id=order.id)


def give_back(order: Order, units: int) -> None:
    line = order.lines.get()
    refund(order=order, lines={line.id: units}, comes_back=False, with_shipping=False, by=None, reason="", at=NOON)


def good(order: Order) -> list[int]:
    """The units of an order that still open their files."""
    return list(
        Right.objects.filter(order_line__order=order, revoked_at=None).order_by("unit").values_list("unit", flat=True)
    )


def first_right(order: Order) -> Right:
    return Right.objects.get(order_line__order=order, unit=1)


def signed(order: Order, file: DigitalFile) -> str:
    return link.sign(right_id=first_right(order).id, file_id=file.id)


def sent(client: Client, order: Order, file: DigitalFile) -> str:
    """Where the order's download button leads."""
    response = client.get(reverse("fetch_file", args=[order.token, first_right(order).id, file.id]))
    assert response.status_code == 302
    return response.headers["Location"]


def test_each_unit_has_one_right_however_often_it_is_given() -> None:
    order, _ = album(units=3)

    settled(order)

    assert good(order) == [1, 2, 3]
    assert Right.objects.count() == 3


def test_a_refund_revokes_exactly_its_units() -> None:
    order, _ = album(units=3)

    give_back(order, 2)
    settled(order)
    settled(order)

    assert good(order) == [1]


def test_facts_may_arrive_in_any_order() -> None:
    order = paid_order((make.variant(is_digital=True), 3))
    give_back(order, 1)

    settled(order)
    settled(order)

    assert good(order) == [1, 2]


def test_an_order_that_was_not_paid_opens_nothing() -> None:
    order = paid_order((make.variant(is_digital=True), 1))
    Order.objects.update(state="placed", paid_at=None)

    settled(order)

    assert good(order) == []


def test_the_library_follows_the_person_over_browsers_and_shows_nobody_elses(vera: Shopper, fred: User) -> None:
    bought_here, _ = album(by=make.shopper(of=fred))
    album(by=vera)

    assert [shelf.right.order_line.order for shelf in library_of(make.shopper(of=fred))] == [bought_here]


def test_a_refunded_unit_stays_on_the_order_page_without_files() -> None:
    order, file = album(units=2)
    give_back(order, 1)
    settled(order)

    assert [(shelf.right.revoked_at is not None, shelf.files) for shelf in files_of(order)] == [
        (False, (file,)),
        (True, ()),
    ]


def test_the_button_leads_to_a_link_that_hands_the_file_to_the_edge(client: Client) -> None:
    order, file = album()

    response = client.get(sent(client, order, file))

    assert response.status_code == 200
    assert response.content == b""
    assert unquote(response.headers["X-Accel-Redirect"]) == f"/private/{file.file.name}"
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''Lieder%20f%C3%BCr%20K%C3%A4the.zip"
    )
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_revoked_right_is_refused_at_the_moment_of_fetching(client: Client) -> None:
    order, file = album()
    address = sent(client, order, file)

    give_back(order, 1)
    settled(order)

    answer = client.get(address)
    assert (answer.status_code, "X-Accel-Redirect" in answer.headers) == (404, False)


@pytest.mark.parametrize("spoil", ["tampered", "old", "another salt", "nonsense"])
def test_a_link_that_is_not_ours_or_too_old_is_as_if_absent(
    client: Client, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    order, file = album()
    mine = signed(order, file)
    if spoil == "old":
        monkeypatch.setattr("django.core.signing.time.time", lambda: 1_000_000_000.0)
        mine = signed(order, file)
        monkeypatch.undo()
    spoilt = {
        "tampered": f"9{mine}",
        "old": mine,
        "another salt": TimestampSigner(salt="other").sign(f"1-{file.id}"),
        "nonsense": "%F0%9F%92%A9",
    }[spoil]

    answer = client.get(f"/files/{spoilt}/x.zip")

    assert answer.status_code == 404
    assert b"fresh one" in answer.content
    assert "X-Accel-Redirect" not in answer.headers


def test_an_order_opens_only_its_own_rights_and_products(client: Client) -> None:
    mine, _ = album()
    theirs, their_file = album()
    my_right, their_right = (Right.objects.get(order_line__order=order).id for order in (mine, theirs))

    for right in (my_right, their_right):
        assert client.get(reverse("fetch_file", args=[mine.token, right, their_file.id])).status_code == 404
    assert client.get(reverse("fetch_file", args=["guessed", their_right, their_file.id])).status_code == 404


def test_a_file_that_was_fetched_is_not_cancelled_by_its_buyer(client: Client) -> None:
    order, file = album()
    client.get(sent(client, order, file))

    with pytest.raises(AlreadyFetched):
        cancel_by_buyer(order=order, at=NOON)

    assert not Refund.objects.exists()
    assert Right.objects.filter(revoked_at=None).exists()


def test_cancelling_closes_the_files_at_once(client: Client) -> None:
    order, file = album()
    address = sent(client, order, file)

    cancel_by_buyer(order=order, at=NOON)

    assert client.get(address).status_code == 404
