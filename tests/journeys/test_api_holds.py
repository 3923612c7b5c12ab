"""Whatever is sent to the API, it never answers with an error of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error

from config.wsgi import application
from liveevents.drops.models import Drop
from shop.accounts.models import User
from shop.stock.models import Hold
from tests import make
from tests.make import live

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
schema.app = application


@pytest.fixture(autouse=True)
def _connection_stays_open() -> Iterator[None]:
    """As in Django's own client, a request's end leaves the test's connection open."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture
def goods(cora: User) -> None:
    """Something to find."""
    make.allotment(make.variant(make.product(make.store("atelier", owner=cora)), stock=5))


@pytest.fixture
def drop(db: None) -> Drop:
    """A drop that runs, and somebody's hold in it."""
    running = live.drop(pieces=9, per_person=9)
    make.hold(make.shopper(), running.allotment)
    return running


def few(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.usefixtures("goods")
@schema.parametrize()
@few(12)
def test_no_request_makes_a_server_error(case: Case[Any]) -> None:
    case.call_and_validate(checks=[not_a_server_error])


@schema.include(path_regex=r"/(drops|holds)/").parametrize()
@few(10)
def test_no_claim_of_a_drop_that_runs_makes_one_either(case: Case[Any], drop: Drop) -> None:
    for name, real in (("drop_id", drop.pk), ("hold_id", Hold.objects.latest("pk").pk)):
        if name in case.path_parameters:
            case.path_parameters[name] = real

    case.call_and_validate(checks=[not_a_server_error])
