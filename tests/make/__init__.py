"""Builders: each states only what matters to its test."""

from tests.make.orders import address, attempt_of, hold, in_cart, offer, order, paid_order, pay, rates, seen
from tests.make.people import shopper, user
from tests.make.shop import allotment, on_hand, product, stock_up, store, variant

__all__ = [
    "address",
    "allotment",
    "attempt_of",
    "hold",
    "in_cart",
    "offer",
    "on_hand",
    "order",
    "paid_order",
    "pay",
    "product",
    "rates",
    "seen",
    "shopper",
    "stock_up",
    "store",
    "user",
    "variant",
]
