"""Payments are tested against the Stripe sandbox, over HTTP."""

import pytest

from shop.stores.models import Store
from tests import make
from tests.fakes import sandbox, stripe_process

__all__ = ["sandbox", "stripe_process"]


@pytest.fixture
def store(db: None) -> Store:
    """A store that sends anywhere."""
    made = make.store()
    make.rates(made)
    return made
