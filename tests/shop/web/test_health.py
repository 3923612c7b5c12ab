"""What load balancers ask."""

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tests.shop.web.pages import count_queries


def test_the_process_is_up_without_asking_anybody(client, db):
    with count_queries() as queries:
        answer = client.get("/healthz")

    assert (answer.status_code, len(queries)) == (200, 0)


def test_a_house_with_everything_is_ready(client, db):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "broker": "ok"}


def test_a_missing_migration_is_named(client, db):
    (newest,) = MigrationLoader(connection).graph.leaf_nodes("shop")
    MigrationRecorder(connection).record_unapplied(*newest)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["migrations"] == "missing"
    assert answer.json()["database"] == "ok"


def test_a_missing_broker_is_named(client, db, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["broker"] == "missing"
