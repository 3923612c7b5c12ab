"""What was looked at, what it found, and that nobody looking is seen too."""

import math
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs

from config.celery import app
from config.inspecting import Inspected, inspect, inspect_if_overdue
from config.tasks import inspect as inspect_task
from shop.core.clock import database_now
from shop.core.inspections import Inspection
from shop.stock.models import Hold, Piece, StockLevel
from tests import make

pytestmark = pytest.mark.django_db

STOCK = "stock is the sum of its moves"


def lose_one() -> None:
    """A mug vanishes from the shelf without a word."""
    make.variant(stock=5)
    StockLevel.objects.update(on_hand=4)


def figures() -> dict[str, float]:
    """The metrics by name."""
    registry = CollectorRegistry()
    registry.register(Inspected())
    lines = generate_latest(registry).decode().splitlines()
    return {name: float(value) for name, value in (line.split() for line in lines if not line.startswith("#"))}


def test_all_is_well_and_the_time_of_the_look_is_kept() -> None:
    assert inspect() == {}

    last = Inspection.objects.get()
    assert (last.broken, database_now() - last.looked_at < timedelta(seconds=5)) == ({}, True)


def test_what_is_broken_is_kept_and_told_as_an_error() -> None:
    lose_one()

    with capture_logs() as logs:
        inspect_task()

    assert Inspection.objects.get().broken == {STOCK: 1}
    told = [line for line in logs if line["event"] == "invariant_broken"]
    assert [(line["log_level"], line["invariant"], line["rows"]) for line in told] == [("error", STOCK, 1)]


def test_what_was_mended_is_forgotten_by_the_next_look() -> None:
    lose_one()
    inspect()
    StockLevel.objects.update(on_hand=5)

    inspect()

    assert Inspection.objects.get().broken == {}


def test_tick_looks_only_where_nobody_did_for_two_minutes() -> None:
    assert inspect_if_overdue() is True
    assert inspect_if_overdue() is False

    Inspection.objects.update(looked_at=database_now() - timedelta(minutes=2, seconds=1))

    assert inspect_if_overdue() is True
    assert inspect_if_overdue() is False


def test_beat_looks_each_minute() -> None:
    (entry,) = [entry for entry in app.conf.beat_schedule.values() if entry["task"] == inspect_task.name]

    assert entry["schedule"] == 60


@pytest.mark.django_db(transaction=True)
def test_the_metrics_tell_how_much_is_broken_and_how_old_the_look_is() -> None:
    lose_one()
    inspect()
    Inspection.objects.update(looked_at=database_now() - timedelta(minutes=5))

    told = figures()

    assert told["stagedoor_invariants_broken"] == 1
    assert 300 <= told["stagedoor_invariants_age_seconds"] < 330


@pytest.mark.django_db(transaction=True)
def test_metrics_of_what_nobody_ever_looked_at_are_no_numbers() -> None:
    assert [math.isnan(figure) for figure in figures().values()] == [True, True]


@pytest.mark.django_db(transaction=True)
def test_the_metrics_are_there_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    inspect()
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    assert [math.isnan(figure) for figure in figures().values()] == [True, True]


def test_a_house_at_rest_is_not_asked_for_what_tick_does(capsys: pytest.CaptureFixture[str]) -> None:
    make.hold(make.shopper(), make.allotment())
    Hold.objects.update(held_until=database_now() - timedelta(hours=1))
    with pytest.raises(SystemExit):
        call_command("check_invariants")

    call_command("check_invariants", "--stopped")

    assert "invariants hold" in capsys.readouterr().out
    Piece.objects.filter(number=2).update(number=9)
    with pytest.raises(SystemExit):
        call_command("check_invariants", "--stopped")
