"""A price is a function of the database's clock at the moment of asking."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from shop.core.money import Money
from shop.pricing.models import Offer, ShippingRate, TaxRate
from shop.pricing.queries import price_of, rates_for, tax_for
from shop.pricing.services import BadOffer, close_offer, open_offer, set_window
from tests import make
from tests.conftest import set_clock

HOUR = timedelta(hours=1)


def offer(price_minor: int, opens_at: datetime, closes_at: datetime | None, *, for_everyone: bool = True) -> Offer:
    variant = make.variant(price_minor=2000)
    with transaction.atomic():
        return open_offer(
            variant=variant,
            price=Money(price_minor, variant.currency),
            for_everyone=for_everyone,
            opens_at=opens_at,
            closes_at=closes_at,
        )


def price(of: Offer) -> int:
    return price_of([of.variant])[of.variant_id].amount_minor


def test_an_offer_counts_from_its_opening_until_just_before_its_end(noon: datetime) -> None:
    deal = offer(1500, noon, noon + HOUR)

    prices = []
    for instant in (noon - timedelta(microseconds=1), noon, noon + HOUR - timedelta(microseconds=1), noon + HOUR):
        set_clock(instant)
        prices.append(price(deal))

    assert prices == [2000, 1500, 1500, 2000]


def test_the_lowest_open_offer_wins(noon: datetime) -> None:
    deal = offer(1500, noon, None)
    make.offer(deal.variant, 1200)
    make.offer(deal.variant, 1800)

    assert price(deal) == 1200


def test_an_offer_for_holders_of_pieces_changes_no_price(noon: datetime) -> None:
    assert price(offer(1500, noon, None, for_everyone=False)) == 2000


def test_a_closed_offer_is_over_at_once_and_closing_twice_changes_nothing(noon: datetime) -> None:
    deal = offer(1500, noon - HOUR, None)

    for instant in (noon, noon + HOUR):
        set_clock(instant)
        with transaction.atomic():
            close_offer(offer=deal)

    deal.refresh_from_db()
    assert price(deal) == 2000
    assert deal.closes_at == noon


def test_an_offer_that_was_closed_before_it_opened_never_opens(noon: datetime) -> None:
    deal = offer(1500, noon + HOUR, noon + 2 * HOUR)

    with transaction.atomic():
        close_offer(offer=deal)

    set_clock(noon + HOUR)
    assert price(deal) == 2000


def test_an_offer_in_another_currency_or_below_zero_is_refused(noon: datetime) -> None:
    mug = make.variant(price_minor=2000)
    for price in (Money(100, "USD"), Money(-1, "EUR")):
        with pytest.raises(BadOffer), transaction.atomic():
            open_offer(variant=mug, price=price, for_everyone=True, opens_at=noon, closes_at=None)

    assert not Offer.objects.exists()


def test_a_window_that_ends_before_it_starts_is_refused(noon: datetime) -> None:
    deal = offer(1500, noon, noon + HOUR)

    with pytest.raises(BadOffer), transaction.atomic():
        set_window(offer=deal, opens_at=noon, closes_at=noon - HOUR)

    deal.refresh_from_db()
    assert deal.closes_at == noon + HOUR


def test_tax_is_the_countrys_own_else_everybodys_else_none(db: None) -> None:
    store = make.store()
    assert tax_for(store, "DE") == 0

    TaxRate.objects.create(store=store, country="*", rate_bp=2000)
    TaxRate.objects.create(store=store, country="DE", rate_bp=1900)

    assert (tax_for(store, "DE"), tax_for(store, "FR")) == (1900, 2000)


def test_rates_are_those_of_the_store_and_the_country(db: None) -> None:
    store, other = make.store(), make.store()
    for of, country in ((store, "DE"), (store, "*"), (store, "FR"), (other, "DE")):
        ShippingRate.objects.create(store=of, country=country, name="Parcel", up_to_g=1000, price_minor=490)

    assert sorted(rate.country for rate in rates_for(store, "DE")) == ["*", "DE"]
