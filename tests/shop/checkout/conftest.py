"""A store that sends anywhere, and something to buy in it."""

import pytest

from shop.catalog.models import Variant
from shop.stock.models import Allotment
from shop.stores.models import Store
from tests import make


@pytest.fixture
def store(db: None) -> Store:
    """It sends anywhere for 4.90."""
    made = make.store()
    make.rates(made)
    return made


@pytest.fixture
def mug(store: Store) -> Variant:
    """Five at 20 euros."""
    return make.variant(make.product(store, "Mug"), price_minor=2000, stock=5)


@pytest.fixture
def ebook(store: Store) -> Variant:
    """A file at 9 euros."""
    return make.variant(make.product(store, "E-book"), price_minor=900, is_digital=True)


@pytest.fixture
def sale(store: Store) -> Allotment:
    """Three pieces at 10 euros, one a person."""
    return make.allotment(make.variant(make.product(store, "Print"), stock=3), pieces=3)
