"""The basket tells the truth: present prices, present stock, and what was lost."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.accounts.models import Shopper
from shop.cart.services import NotForSale
from shop.catalog.models import Variant
from shop.checkout.queries import basket
from shop.core import clock
from shop.core.money import Money
from shop.pricing.models import Offer, ShippingRate
from shop.stock.models import Allotment, Hold
from shop.stock.services import free_due
from shop.stores.models import Store
from tests import make


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def let_the_hold_run_out(held: Hold) -> None:
    Hold.objects.filter(pk=held.pk).update(held_until=clock.now() - timedelta(seconds=3))


def test_lines_and_pieces_are_quoted_together(
    vera: Shopper, store: Store, mug: Variant, ebook: Variant, sale: Allotment
) -> None:
    make.in_cart(vera, mug, 2)
    make.in_cart(vera, ebook)
    make.hold(vera, sale)

    goods = basket(vera, store)

    assert goods.quote
    assert (goods.items, goods.quote.shipping, goods.quote.total) == (euros(5900), euros(490), euros(6390))
    assert goods.country == "DE"
    assert goods.problems == []
    assert goods.is_sent


def test_nothing_is_an_empty_basket(vera: Shopper, store: Store) -> None:
    goods = basket(vera, store)

    assert goods.is_empty
    assert goods.items == euros(0)


def test_a_stranger_without_a_row_has_an_empty_basket(store: Store) -> None:
    assert basket(Shopper(), store).is_empty


def test_files_alone_need_no_address_and_no_delivery(vera: Shopper, store: Store, ebook: Variant) -> None:
    ShippingRate.objects.all().delete()
    make.in_cart(vera, ebook)

    goods = basket(vera, store, "JP")

    assert not goods.is_sent
    assert goods.quote
    assert goods.quote.total == euros(900)


def test_a_line_costs_what_the_shop_asks_now_and_says_what_it_was(vera: Shopper, store: Store, mug: Variant) -> None:
    deal = make.offer(mug, 1500)
    make.in_cart(vera, mug)
    (line,) = basket(vera, store).lines
    assert (line.price, line.was) == (euros(1500), None)

    Offer.objects.filter(pk=deal.pk).update(closes_at=clock.now())

    (line,) = basket(vera, store).lines
    assert (line.price, line.was) == (euros(2000), euros(1500))


def test_a_held_piece_keeps_its_price_after_the_offer(vera: Shopper, store: Store, sale: Allotment) -> None:
    make.hold(vera, sale)
    Allotment.objects.update(closes_at=clock.now())

    (held,) = basket(vera, store).holds

    assert held.total == euros(1000)


def test_lines_say_when_there_are_too_few_and_two_lines_of_one_thing_are_summed(store: Store, mug: Variant) -> None:
    person = make.user()
    phone, laptop = make.shopper(person), make.shopper(person)
    make.in_cart(phone, mug, 3)
    assert basket(phone, store).problems == []

    make.in_cart(laptop, mug, 3)

    first, second = basket(phone, store).problems
    assert (first.code, first.said, second.code) == ("out_of_stock", "Only 5 left.", "out_of_stock")


def test_what_was_taken_off_the_shelf_is_not_for_sale(vera: Shopper, store: Store, mug: Variant) -> None:
    make.in_cart(vera, mug)
    mug.product.published_at = None
    mug.product.save()

    assert [problem.code for problem in basket(vera, store).problems] == ["not_for_sale"]


def test_what_has_another_currency_than_its_store_by_now_is_not_for_sale(
    vera: Shopper, store: Store, mug: Variant, ebook: Variant
) -> None:
    make.in_cart(vera, mug)
    make.in_cart(vera, ebook)
    Variant.objects.filter(pk=mug.pk).update(currency="USD")

    goods = basket(vera, store)

    assert [type(line.problem) for line in goods.lines] == [NotForSale, type(None)]
    assert goods.items == ebook.price
    with pytest.raises(NotForSale):
        make.order(vera, store)


def test_a_country_that_nothing_is_sent_to_is_a_problem_and_no_crash(vera: Shopper, store: Store, mug: Variant) -> None:
    ShippingRate.objects.update(country="DE")
    make.in_cart(vera, mug)

    goods = basket(vera, store, "FR")

    assert goods.quote is None
    assert [problem.code for problem in goods.problems] == ["no_delivery"]


@pytest.mark.parametrize("is_swept", [True, False])
def test_a_hold_that_ran_out_is_told_and_the_rest_stands(
    vera: Shopper, store: Store, mug: Variant, sale: Allotment, is_swept: bool
) -> None:
    make.in_cart(vera, mug)
    held = make.hold(vera, sale)
    let_the_hold_run_out(held)
    if is_swept:
        free_due()

    goods = basket(vera, store)

    assert goods.lost == (held,)
    assert goods.holds == ()
    assert goods.items == euros(2000)


def test_who_claimed_again_is_not_told_of_the_first_hold(vera: Shopper, store: Store, sale: Allotment) -> None:
    let_the_hold_run_out(make.hold(vera, sale))
    free_due()

    make.hold(vera, sale)

    assert basket(vera, store).lost == ()


def test_the_last_one_is_not_sold_out_for_who_is_paying_for_it(
    vera: Shopper, victor: Shopper, store: Store, mug: Variant
) -> None:
    make.in_cart(vera, mug, 5)
    make.in_cart(victor, mug, 1)
    order = make.order(vera, store)

    assert basket(vera, store).problems == []
    assert basket(vera, store).open_order == order
    assert [problem.said for problem in basket(victor, store).problems] == ["This is sold out."]


def test_a_basket_costs_the_same_queries_however_full(
    vera: Shopper, store: Store, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        make.in_cart(vera, make.variant(make.product(store), stock=1))
        make.hold(vera, make.allotment(make.variant(make.product(store), stock=2), pieces=2))

    with django_assert_num_queries(11):
        goods = basket(vera, store)
        assert goods.items
        assert [held.total for held in goods.holds]
