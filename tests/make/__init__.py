"""Builders: each states only what matters to its test."""

from tests.make.people import shopper, user
from tests.make.shop import allotment, on_hand, product, store, variant

__all__ = ["allotment", "on_hand", "product", "shopper", "store", "user", "variant"]
