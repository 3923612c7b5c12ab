"""The quote: lines in, totals out. Pure: it reads no row and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.core.errors import Invalid
from shop.core.money import Money, total_of

EVERYWHERE_ELSE = "*"
WHOLE_BP = 10_000


class NoDelivery(Invalid):
    """The store has no shipping rate for this country and weight."""

    code = "no_delivery"
    sentence = "This store does not deliver these goods to this country."


@dataclass(frozen=True)
class QuoteLine:
    """So many units at a price each; weight_g is the weight of one."""

    price: Money
    quantity: int
    weight_g: int
    is_digital: bool

    @property
    def total(self) -> Money:
        """What the line costs."""
        return self.price * self.quantity


@dataclass(frozen=True)
class Rate:
    """What it costs to send up to so many grams to a country; "*" is every country that no rate names."""

    country: str
    name: str
    up_to_g: int
    price: Money


@dataclass(frozen=True)
class Quote:
    """What an order costs. Tax is contained in the total; line_taxes and shipping_tax add up to it."""

    items: Money
    shipping: Money
    shipping_name: str
    tax: Money
    line_taxes: tuple[Money, ...]
    shipping_tax: Money
    tax_rate_bp: int

    @property
    def total(self) -> Money:
        """What the buyer pays."""
        return self.items + self.shipping


def quote(*, lines: Sequence[QuoteLine], rates: Sequence[Rate], tax_rate_bp: int, country: str, currency: str) -> Quote:
    """What these lines, all in one currency, cost a buyer in a country (ISO 3166 alpha-2).

    Only physical lines are sent, as one parcel. Raises NoDelivery(field="country").
    """
    items = total_of((line.total for line in lines), currency=currency)
    shipping, shipping_name = _shipping(lines=lines, rates=rates, country=country, currency=currency)
    tax = _contained(items + shipping, rate_bp=tax_rate_bp)
    *line_taxes, shipping_tax = _shares(tax, of=[*(line.total for line in lines), shipping])
    return Quote(items, shipping, shipping_name, tax, tuple(line_taxes), shipping_tax, tax_rate_bp)


def _shipping(*, lines: Sequence[QuoteLine], rates: Sequence[Rate], country: str, currency: str) -> tuple[Money, str]:
    parcel = [line for line in lines if not line.is_digital]
    if not parcel:
        return Money(0, currency), ""
    rate = _rate_for(rates, country=country, weight_g=sum(line.weight_g * line.quantity for line in parcel))
    return rate.price, rate.name


def _rate_for(rates: Sequence[Rate], *, country: str, weight_g: int) -> Rate:
    """The smallest rate that carries the weight, among the country's own, else among "*"."""
    named = [rate for rate in rates if rate.country == country]
    rows = named or [rate for rate in rates if rate.country == EVERYWHERE_ELSE]
    fitting = [rate for rate in rows if rate.up_to_g >= weight_g]
    if not fitting:
        raise NoDelivery(field="country")
    return min(fitting, key=lambda rate: rate.up_to_g)


def _contained(gross: Money, *, rate_bp: int) -> Money:
    """The tax inside a gross amount, gross · rate ÷ (1 + rate), half a minor unit rounded up."""
    whole = WHOLE_BP + rate_bp
    return Money((2 * gross.amount_minor * rate_bp + whole) // (2 * whole), gross.currency)


def _shares(tax: Money, *, of: Sequence[Money]) -> list[Money]:
    weights = [amount.amount_minor for amount in of]
    return tax.split(weights) if sum(weights) else [tax for _ in weights]
