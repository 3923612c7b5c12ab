"""One money: whole minor units beside a currency. No float anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor unit of its currency (cents for EUR, yen for JPY)."""

    amount_minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.amount_minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount_minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.amount_minor

    @property
    def major(self) -> Decimal:
        """The amount in major units: 1250 EUR cents are 12.50."""
        return Decimal(self.amount_minor).scaleb(-get_currency_precision(self.currency))

    def format(self, locale: str = "en") -> str:
        """As people of this locale write it: "€12.50", "12,50 €"."""
        return format_currency(self.major, self.currency, locale=locale)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Shares in proportion to non-negative weights; the shares always add up to the whole.

        Each share is the difference of two rounded-down running totals, so no minor unit is lost or made.
        """
        total, shares, running, given = sum(weights), [], 0, 0
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative, and not all zero")
        for weight in weights:
            running += weight
            upto = self.amount_minor * running // total
            shares.append(Money(upto - given, self.currency))
            given = upto
        return shares


def total_of(amounts: Iterable[Money], *, currency: str) -> Money:
    """The sum of amounts, all of this currency; zero of it for none."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result


def from_major(amount: Decimal, currency: str) -> Money:
    """Money from a decimal in major units, which must be exact in the currency's minor unit.

    Raises ValueError for a fraction of a minor unit.
    """
    minor = amount.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} is not a whole number of {currency} minor units")
    return Money(int(minor), currency)
