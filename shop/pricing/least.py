"""The least that a card can be charged, so that no price is set which nobody could pay."""

from typing import Final

from shop.core.money import Money

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in our minor units. A currency that is not
# there has a least charge that moves with the exchange rate: the payment itself decides.
_LEAST: Final = (
    ("USD EUR AUD BRL CAD CHF INR NZD SGD", 50),
    ("GBP", 30),
    ("JPY", 50),
    ("BGN", 100),
    ("AED MYR PLN RON", 200),
    ("DKK", 250),
    ("NOK SEK", 300),
    ("HKD", 400),
    ("MXN THB", 1000),
    ("CZK", 1500),
    ("HUF", 17500),
)
LEAST_MINOR: Final = {currency: least for currencies, least in _LEAST for currency in currencies.split()}


def least_price(currency: str) -> Money:
    """The lowest price that can be paid on its own; one minor unit where none is known."""
    return Money(LEAST_MINOR.get(currency, 1), currency)
