"""Stripe's minor units. Most are the world's; some currencies that people write without decimals have two at Stripe."""

from shop.core.money import Money

# https://docs.stripe.com/currencies: zero-decimal, without those that its special cases want with two decimals all the
# same (ISK, UGX); three-decimal.
WITHOUT_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def to_stripe(amount: Money) -> int:
    """What Stripe calls this amount: 1250 for 12.50 EUR, 500 for 500 JPY, 50000 for 500 ISK."""
    return int(amount.major.scaleb(_decimals(amount.currency)))


def from_stripe(amount: int, currency: str) -> Money:
    """The amount that Stripe means, a part of our minor unit left out."""
    return Money(amount // to_stripe(Money(1, currency)), currency)


def _decimals(currency: str) -> int:
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2
