"""Whether this process is up, and whether it can do its work: for load balancers and supervisors."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis import Redis, RedisError

PATIENCE_S = 1.0


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nobody."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything needed is there, else 503; either way "ok" or "missing" for each."""
    has_database = database_answers()
    found = {
        "database": has_database,
        "migrations": has_database and is_migrated(),
        "broker": broker_answers(),
    }
    said = {name: "ok" if is_there else "missing" for name, is_there in found.items()}
    return JsonResponse(said, status=200 if all(found.values()) else 503)


def database_answers() -> bool:
    """Whether PostgreSQL takes a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def is_migrated() -> bool:
    """Whether the database has every table that this code expects."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def broker_answers() -> bool:
    """Whether Redis answers within a second."""
    broker = Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
    try:
        return bool(broker.ping())
    except RedisError:
        return False
    finally:
        broker.close()
