"""What is in the cart, and for whom."""

import pytest
from django.db import transaction

from shop.accounts.models import Shopper
from shop.cart.models import CartLine
from shop.cart.queries import lines_of
from shop.cart.services import BadQuantity, NotForSale, NotInCart, change_quantity, clear_bought, put_in_cart, take_out
from shop.core import clock
from tests import make


def put(shopper: Shopper, variant: object, quantity: int) -> CartLine:
    return put_in_cart(shopper=shopper, variant=variant, quantity=quantity, at=clock.now())  # type: ignore[arg-type]


def test_a_line_remembers_the_price_it_was_put_in_at(vera: Shopper) -> None:
    mug = make.variant(price_minor=2000)
    make.offer(mug, 1500)

    assert put(vera, mug, 1).price_minor == 1500


def test_putting_in_more_adds_up_and_takes_the_present_price(vera: Shopper) -> None:
    mug = make.variant(price_minor=2000)
    put(vera, mug, 1)
    make.offer(mug, 1500)

    line = put(vera, mug, 2)

    assert (line.quantity, line.price_minor) == (3, 1500)
    assert vera.cart_lines.count() == 1


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_number_that_nobody_can_have_is_refused(vera: Shopper, quantity: int) -> None:
    mug = make.variant()
    with pytest.raises(BadQuantity):
        put(vera, mug, quantity)
    assert not vera.cart_lines.exists()

    line = put(vera, mug, 1)
    with pytest.raises(BadQuantity):
        change_quantity(shopper=vera, line_id=line.pk, quantity=quantity)
    assert vera.cart_lines.get().quantity == 1


def test_a_line_does_not_grow_past_the_most(vera: Shopper) -> None:
    mug = make.variant()
    put(vera, mug, 98)

    with pytest.raises(BadQuantity):
        put(vera, mug, 2)

    assert vera.cart_lines.get().quantity == 98


def test_what_is_not_published_is_not_for_sale(vera: Shopper) -> None:
    draft = make.variant()
    draft.product.published_at = None

    with pytest.raises(NotForSale):
        put(vera, draft, 1)

    assert not vera.cart_lines.exists()


def test_a_closed_store_sells_nothing(vera: Shopper) -> None:
    mug = make.variant()
    mug.product.store.closed_at = clock.now()

    with pytest.raises(NotForSale):
        put(vera, mug, 1)


def test_nobody_changes_or_takes_out_somebody_elses_line(vera: Shopper, victor: Shopper) -> None:
    line = put(vera, make.variant(), 1)

    with pytest.raises(NotInCart):
        change_quantity(shopper=victor, line_id=line.pk, quantity=5)
    take_out(shopper=victor, line_id=line.pk)

    assert vera.cart_lines.get().quantity == 1


def test_a_person_has_one_cart_in_all_browsers(db: None) -> None:
    person = make.user()
    phone, laptop = make.shopper(person), make.shopper(person)
    mug = make.variant()

    line = put(phone, mug, 1)
    change_quantity(shopper=laptop, line_id=line.pk, quantity=4)

    assert [one.quantity for one in lines_of(laptop, mug.product.store)] == [4]
    take_out(shopper=laptop, line_id=line.pk)
    take_out(shopper=laptop, line_id=line.pk)
    assert not lines_of(phone, mug.product.store).exists()


def test_a_store_shows_its_own_lines(vera: Shopper) -> None:
    mug, other = make.variant(), make.variant()
    put(vera, mug, 1)
    put(vera, other, 1)

    assert [line.variant for line in lines_of(vera, mug.product.store)] == [mug]


def test_what_was_bought_leaves_every_browser_of_the_person(db: None) -> None:
    person = make.user()
    phone, laptop = make.shopper(person), make.shopper(person)
    mug, pin = make.variant(), make.variant()
    for shopper, variant, quantity in ((phone, mug, 2), (laptop, mug, 2), (laptop, pin, 1)):
        put(shopper, variant, quantity)

    with transaction.atomic():
        clear_bought(shopper=phone, bought={mug.pk: 3})

    assert sorted(CartLine.objects.values_list("variant_id", "quantity")) == sorted([(mug.pk, 1), (pin.pk, 1)])
