"""A database that cannot be asked is not a bug of ours, and visitors hear so."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from shop.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def locked_stores() -> Iterator[None]:
    """Somebody keeps the stores, and this process waits for a moment only."""
    other = connection.copy()
    other.set_autocommit(False)
    other.cursor().execute("lock table shop_store in access exclusive mode")
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '50ms'")
    yield
    other.close()
    connection.close()


def test_a_page_whose_rows_cannot_be_read_says_come_again(request: pytest.FixtureRequest) -> None:
    store: Store = make.store()
    request.getfixturevalue("locked_stores")
    visitor = Client(raise_request_exception=False)

    answer = visitor.get(f"/s/{store.handle}/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert b"tries again by itself" in answer.content
