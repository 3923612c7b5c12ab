"""Lines in, totals out, and every part adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.money import Money, total_of
from shop.pricing.quote import NoDelivery, Quote, QuoteLine, Rate, quote

EUR = "EUR"
GERMANY = [Rate("DE", "Letter", 100, Money(190, EUR)), Rate("DE", "Parcel", 5000, Money(490, EUR))]
ELSEWHERE = [Rate("*", "World parcel", 2000, Money(1490, EUR))]


def mug(quantity: int = 1, *, price_minor: int = 2000, weight_g: int = 300) -> QuoteLine:
    return QuoteLine(Money(price_minor, EUR), quantity, weight_g, is_digital=False)


def ebook(price_minor: int = 900) -> QuoteLine:
    return QuoteLine(Money(price_minor, EUR), 1, 0, is_digital=True)


def costs(*lines: QuoteLine, country: str = "DE", tax_bp: int = 1900) -> Quote:
    return quote(lines=lines, rates=[*GERMANY, *ELSEWHERE], tax_rate_bp=tax_bp, country=country, currency=EUR)


def test_the_smallest_rate_that_carries_the_weight_is_taken() -> None:
    assert costs(mug(weight_g=100)).shipping == Money(190, EUR)
    assert costs(mug(weight_g=101)).shipping == Money(490, EUR)
    assert costs(mug(2, weight_g=60)).shipping_name == "Parcel"


def test_a_country_that_is_named_has_its_own_rates_only() -> None:
    assert costs(mug(), country="FR").shipping == Money(1490, EUR)
    assert costs(mug(weight_g=2001), country="DE").shipping == Money(490, EUR)


@pytest.mark.parametrize(("country", "weight_g"), [("DE", 5001), ("FR", 2001)])
def test_what_no_rate_carries_is_refused_at_the_country(country: str, weight_g: int) -> None:
    with pytest.raises(NoDelivery) as refused:
        costs(mug(weight_g=weight_g), country=country)

    assert refused.value.details["field"] == "country"


def test_files_are_not_sent() -> None:
    quoted = quote(lines=[ebook()], rates=[], tax_rate_bp=1900, country="JP", currency=EUR)

    assert quoted.shipping == Money(0, EUR)
    assert quoted.total == Money(900, EUR)


def test_files_add_nothing_to_the_parcel() -> None:
    assert costs(mug(), ebook()).shipping == costs(mug()).shipping


def test_prices_contain_their_tax() -> None:
    quoted = costs(mug(price_minor=11410), ebook(0))  # 114.10 + 4.90 = 119.00, of which 19 % of 100.00

    assert quoted.total == Money(11900, EUR)
    assert quoted.tax == Money(1900, EUR)


def test_nothing_costs_nothing() -> None:
    quoted = quote(lines=[ebook(0)], rates=[], tax_rate_bp=1900, country="DE", currency=EUR)

    assert (quoted.total, quoted.tax, quoted.line_taxes) == (Money(0, EUR), Money(0, EUR), (Money(0, EUR),))


@given(
    lines=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 99), st.booleans()), min_size=1, max_size=8),
    tax_bp=st.integers(0, 3000),
)
def test_every_part_adds_up(lines: list[tuple[int, int, bool]], tax_bp: int) -> None:
    wanted = [QuoteLine(Money(price, EUR), many, 0 if digital else 10, digital) for price, many, digital in lines]

    quoted = costs(*wanted, tax_bp=tax_bp)

    assert quoted.items == total_of((line.total for line in wanted), currency=EUR)
    assert quoted.total == quoted.items + quoted.shipping
    assert total_of(quoted.line_taxes, currency=EUR) + quoted.shipping_tax == quoted.tax
    assert Money(0, EUR) <= quoted.tax <= quoted.total
    assert len(quoted.line_taxes) == len(wanted)
