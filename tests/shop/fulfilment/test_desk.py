"""The desk's pages: for who packs there, told what happened, nothing twice."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from shop.accounts.models import User
from shop.core.facts import Fact
from shop.core.states import advance
from shop.fulfilment.models import Parcel
from shop.fulfilment.services import pack
from shop.fulfilment.states import ParcelState
from shop.orders.models import Order
from shop.payments.models import Refund, RefundLine
from shop.payments.states import RefundState
from shop.stores.models import Member, Role, Store
from tests import make
from tests.conftest import NOON
from tests.make.fulfilment import packer, paid_order, parcel

pytestmark = pytest.mark.django_db
KEY = "6f3a0f0e-7f0f-4f43-a2d5-0d1f6a3b9c11"


@pytest.fixture
def store(fred: User) -> Store:
    """A store that Fred packs for."""
    made = make.store("saltware")
    packer(made, fred)
    return made


@pytest.fixture
def desk(client: Client, fred: User) -> Client:
    """Fred's browser."""
    client.force_login(fred)
    return client


def page_of(box: Parcel) -> str:
    return reverse("desk_parcel", args=[box.store.handle, box.id])


def step(box: Parcel, name: str) -> str:
    return reverse("desk_move", args=[box.store.handle, box.id, name])


def boxes(box: Parcel) -> dict[str, list[str]]:
    return {"item": [f"{item.id}:{item.quantity}" for item in box.items.all()]}


def state_of(box: Parcel) -> str:
    return Parcel.objects.get(id=box.id).state


def test_who_packs_for_one_store_comes_straight_to_its_table(desk: Client, store: Store) -> None:
    assert desk.get("/desk/").headers["Location"] == "/desk/saltware/to-pack/"


def test_who_packs_for_two_chooses(desk: Client, store: Store, fred: User) -> None:
    packer(make.store("second"), fred)

    page = desk.get("/desk/").content.decode()

    assert "Saltware" in page
    assert "Second" in page


@pytest.mark.parametrize("role", [None, Role.MODERATOR])
def test_strangers_and_moderators_find_nothing(client: Client, store: Store, role: Role | None) -> None:
    order = paid_order(of=store)
    box, stranger = parcel(order), make.user()
    if role:
        Member.objects.create(store=store, user=stranger, role=role)
    client.force_login(stranger)

    for address in (
        "/desk/",
        "/desk/saltware/to-pack/",
        page_of(box),
        reverse("desk_slip", args=["saltware", box.id]),
        reverse("desk_order", args=["saltware", order.number]),
        reverse("desk_find", args=["saltware"]),
    ):
        assert client.get(address).status_code == 404
    assert client.post(step(box, "pack"), boxes(box)).status_code == 404
    assert state_of(box) == ParcelState.TO_PACK


def test_who_is_not_signed_in_is_asked_to(client: Client, store: Store) -> None:
    answer = client.get("/desk/saltware/to-pack/")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/login/?next=/desk/saltware/to-pack/"


def test_a_parcel_of_another_store_is_not_here(desk: Client, store: Store) -> None:
    strange = parcel(paid_order())

    assert desk.get(reverse("desk_parcel", args=["saltware", strange.id])).status_code == 404
    assert desk.get(page_of(strange)).status_code == 404


def test_the_table_shows_the_oldest_parcel_first_with_shelf_and_count(desk: Client, store: Store) -> None:
    mug = make.variant(make.product(store), stock=5)
    mug.shelf = "A3-1"
    mug.save()
    first = parcel(paid_order((mug, 3)))
    second = parcel(paid_order(of=store, email="other@stagedoor.example"))

    page = desk.get("/desk/saltware/to-pack/").content.decode()

    assert page.index(page_of(first)) < page.index(page_of(second))
    assert "A3-1" in page
    assert "3 <small>things</small>" in page


def test_the_list_takes_the_same_queries_for_many_parcels(
    desk: Client, store: Store, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        parcel(paid_order(of=store, email=f"buyer{number}@stagedoor.example"))

    with django_assert_max_num_queries(10):
        desk.get("/desk/saltware/to-pack/")


def test_the_parcel_page_takes_the_same_queries_for_many_things(
    desk: Client, store: Store, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    goods = [(make.variant(make.product(store), stock=1), 1) for _ in range(6)]
    box = parcel(paid_order(*goods))

    with django_assert_max_num_queries(14):
        desk.get(page_of(box))


@pytest.mark.parametrize("name", ["desk_slip", "desk_order"])
def test_slip_and_order_take_the_same_queries_for_many_things(
    desk: Client, store: Store, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    order = paid_order(*[(make.variant(make.product(store), stock=1), 1) for _ in range(6)])
    box = parcel(order)
    which = box.id if name == "desk_slip" else order.number

    with django_assert_max_num_queries(11):
        desk.get(reverse(name, args=["saltware", which]))


def test_from_the_table_to_the_door(desk: Client, store: Store) -> None:
    box = parcel(paid_order(of=store))

    assert desk.post(step(box, "pack"), boxes(box), follow=True).status_code == 200
    shipped = desk.post(step(box, "ship"), {"carrier": "dhl", "tracking_number": "0034 0434"}, follow=True)
    desk.post(step(box, "deliver"))

    assert b"Handed over" in shipped.content
    assert state_of(box) == ParcelState.DELIVERED
    assert Parcel.objects.get().packed_by == store.members.get().user
    assert list(Fact.objects.order_by("id").values_list("kind", flat=True)) == [
        "parcel.packed", "parcel.shipped", "parcel.delivered",
    ]  # fmt: skip


def test_something_unticked_is_named_and_the_ticks_stay(desk: Client, store: Store) -> None:
    cup, cap = (make.variant(make.product(store, title), stock=1) for title in ("Cup", "Cap"))
    box = parcel(paid_order((cup, 1), (cap, 1)))
    first = boxes(box)["item"][0]

    answer = desk.post(step(box, "pack"), {"item": [first]})

    assert answer.status_code == 400
    assert "Not everything is ticked off yet: Cap" in answer.content.decode()
    assert f'value="{first}" checked' in answer.content.decode()
    assert state_of(box) == ParcelState.TO_PACK


def test_a_second_press_hears_who_packed_it(desk: Client, store: Store, fred: User) -> None:
    box = parcel(paid_order(of=store))
    desk.post(step(box, "pack"), boxes(box))

    answer = desk.post(step(box, "pack"), boxes(box))

    assert answer.status_code == 409
    assert "Fred packed this parcel" in answer.content.decode()
    assert Fact.objects.filter(kind="parcel.packed").count() == 1


def test_a_bad_number_is_said_at_its_field_and_what_was_typed_stays(desk: Client, store: Store, fred: User) -> None:
    box = parcel(paid_order(of=store))
    pack(parcel=box, contents={item.id: item.quantity for item in box.items.all()}, by=fred, at=NOON)

    answer = desk.post(step(box, "ship"), {"carrier": "ups", "tracking_number": "??"})

    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_tracking_number_error"' in page
    assert 'value="??"' in page
    assert state_of(box) == ParcelState.PACKED


def test_the_carrier_of_the_last_parcel_is_offered_first(desk: Client, store: Store, fred: User) -> None:
    for number in range(2):
        box = parcel(paid_order(of=store, email=f"buyer{number}@stagedoor.example"))
        pack(parcel=box, contents={item.id: item.quantity for item in box.items.all()}, by=fred, at=NOON)
        if not number:
            desk.post(step(box, "ship"), {"carrier": "gls", "tracking_number": "ABC123"})

    assert '<option value="gls" selected>' in desk.get(page_of(box)).content.decode()


def test_garbage_in_the_boxes_packs_nothing(desk: Client, store: Store) -> None:
    box = parcel(paid_order(of=store))

    for garbage in ("", "x", "1", "-1:1", "1:99999999999999999999", "9:²"):
        assert desk.post(step(box, "pack"), {"item": [garbage]}).status_code in (400, 409)

    assert state_of(box) == ParcelState.TO_PACK
    assert desk.post(step(box, "explode")).status_code == 404
    assert desk.get(step(box, "pack")).status_code == 405


def test_the_slip_names_the_goods_and_no_price(desk: Client, store: Store) -> None:
    box = parcel(paid_order(of=store))

    page = desk.get(reverse("desk_slip", args=["saltware", box.id])).content.decode()

    assert "Mug" in page
    assert "Lindenweg 4" in page
    assert "€" not in page


def test_money_goes_back_by_line_with_a_restock_choice(desk: Client, store: Store, fred: User) -> None:
    order = paid_order(of=store)
    line = order.lines.get()
    address = reverse("desk_order", args=["saltware", order.number])

    answer = desk.post(address, {f"line_{line.id}": "1", "restock": "gone", "reason": "Broken", "key": KEY})

    assert answer.status_code == 302
    made = Refund.objects.get()
    assert (made.amount, made.asked_by, made.reason) == (line.unit_price, fred, "Broken")
    assert not RefundLine.objects.get().comes_back


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"line": "1"}, "say whether the goods"),
        ({"line": "3", "restock": "back"}, "less than or equal to 2"),
        ({"line": "-1", "restock": "back"}, "greater than or equal to 0"),
        ({"line": "0", "restock": "back"}, "Choose what goes back"),
    ],
)
def test_a_refund_that_makes_no_sense_moves_nothing(
    desk: Client, store: Store, sent: dict[str, str], said: str
) -> None:
    order = paid_order(of=store)
    fields = {f"line_{order.lines.get().id}" if name == "line" else name: value for name, value in sent.items()}
    fields["key"] = KEY

    answer = desk.post(reverse("desk_order", args=["saltware", order.number]), fields)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Refund.objects.exists()


def test_a_refund_form_that_is_sent_twice_gives_back_once(desk: Client, store: Store) -> None:
    orders = [paid_order(of=store, email=f"buyer{number}@stagedoor.example") for number in range(2)]

    for order in (*orders, orders[0]):
        sent = {f"line_{order.lines.get().id}": "1", "restock": "back", "key": KEY}
        assert desk.post(reverse("desk_order", args=["saltware", order.number]), sent).status_code == 302

    assert [Refund.objects.filter(attempt__order=order).count() for order in orders] == [1, 1]


def test_a_failed_refund_is_told_at_the_table_and_may_be_asked_again(desk: Client, store: Store) -> None:
    order = paid_order(of=store)
    desk.post(
        reverse("desk_order", args=["saltware", order.number]),
        {f"line_{order.lines.get().id}": "1", "restock": "gone", "reason": "Broken", "key": KEY},
    )
    refund = Refund.objects.get()
    advance(refund, RefundState.FAILED, ended_at=NOON, failure="The card was closed.")
    table = desk.get(reverse("desk_list", args=["saltware", "to-pack"])).content.decode()

    answer = desk.post(reverse("desk_refund_again", args=["saltware", refund.id]), follow=True)

    assert f"A refund of {refund.amount.format()} failed." in table
    assert "Stripe is asked again." in answer.content.decode()
    assert Refund.objects.get().state == RefundState.ASKED
    assert desk.post(reverse("desk_refund_again", args=["saltware", refund.id])).status_code == 404


def test_a_number_read_out_finds_its_order(desk: Client, store: Store) -> None:
    order = paid_order(of=store)

    found = desk.get("/desk/saltware/find/", {"number": f" {order.number.lower()} "})
    lost = desk.get("/desk/saltware/find/", {"number": "SD-NONE-0000"}, follow=True)

    assert found.headers["Location"].endswith(f"/orders/{order.number}/")
    assert "no paid order SD-NONE-0000" in lost.content.decode()
    assert Order.objects.count() == 1
