"""Calls of Stripe leave one after the other, however many processes want to call."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from shop.payments import gateway
from shop.payments.models import Turn
from shop.payments.pace import ACCOUNT, ENDPOINT_A_SECOND, NoTurn, endpoint_of, wait_for_turn
from tests.fakes import Sandbox

ROOT = Path(__file__).resolve().parents[3]
SESSIONS = "https://api.stripe.com/v1/checkout/sessions"
REFUNDS = "https://api.stripe.com/v1/refunds?limit=100"


def calls(times: int, url: str = SESSIONS, *, most_s: float = 1) -> float:
    """How long so many calls wait together."""
    began = time.monotonic()
    for _ in range(times):
        wait_for_turn(method="get", url=url, most_s=most_s)
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("post", "/v1/checkout/sessions", "POST /v1/checkout/sessions"),
        ("get", "/v1/checkout/sessions/cs_test_a1B2?expand[0]=payment_intent", "GET /v1/checkout/sessions/:id"),
        ("post", "/v1/payment_intents/pi_3N/capture", "POST /v1/payment_intents/:id/capture"),
        ("get", "/v1/refunds/re_1", "GET /v1/refunds/:id"),
    ],
)
def test_what_stripe_counts_together_has_one_name(method: str, path: str, name: str) -> None:
    assert endpoint_of(method, f"https://api.stripe.com{path}") == name


def test_calls_of_one_endpoint_leave_evenly(db: None) -> None:
    assert calls(1) < 0.04
    assert calls(6) >= 6 / ENDPOINT_A_SECOND - 0.05


def test_another_endpoint_does_not_wait_for_them(db: None) -> None:
    Turn.objects.create(name=endpoint_of("get", SESSIONS), next_at=datetime.now(UTC) + timedelta(seconds=30))

    assert calls(1, REFUNDS) < 0.5


@pytest.mark.parametrize("name", [endpoint_of("get", SESSIONS), ACCOUNT])
def test_who_would_wait_too_long_is_sent_away_and_keeps_nobody_waiting(db: None, name: str) -> None:
    far = datetime.now(UTC) + timedelta(seconds=2)
    Turn.objects.create(name=name, next_at=far)

    with pytest.raises(NoTurn):
        calls(1)

    assert Turn.objects.get(name=name).next_at == far


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_turn_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="must not run inside a transaction"):
        calls(1)


def test_a_conversation_in_a_hurry_makes_no_further_call_when_its_time_is_over(
    db: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "HURRY_S", 0.3)
    with gateway.hurried():
        with pytest.raises(gateway.StripeRefused):
            gateway.read_refund("re_unknown")
        time.sleep(0.31)
        with pytest.raises(gateway.NotAsked):
            gateway.read_refund("re_unknown")


CALLER = """
import sys, threading, time, django
django.setup()
from django.conf import settings
from django.db import connection
from shop.payments import gateway, pace
settings.STRIPE_API_BASE, pace.ENDPOINT_A_SECOND = sys.argv[1], int(sys.argv[2])
pace.ACCOUNT_A_SECOND = 4 * pace.ENDPOINT_A_SECOND
told, until = [], time.monotonic() + float(sys.argv[3])
def call():
    while time.monotonic() < until:
        try:
            gateway.read_refund("re_unknown")
        except gateway.StripeRefused:
            told.append("answered")
        except gateway.NotAsked:
            told.append("not asked")
        except gateway.StripeAway:
            told.append("too fast")
    connection.close()
threads = [threading.Thread(target=call) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(told.count("answered"), told.count("too fast"), told.count("not asked"))
"""


def two_processes_call(sandbox: Sandbox, *, a_second: int, for_s: float) -> tuple[int, int]:
    """Eight threads in two processes ask the same thing all the time: how often Stripe answered, how often with 429."""
    said = connection.settings_dict
    url = f"postgres://{said['USER']}:{said['PASSWORD']}@{said['HOST']}:{said['PORT']}/{said['NAME']}"
    surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings_test", "DATABASE_URL": url}
    command = [sys.executable, "-c", CALLER, sandbox.base, str(a_second), str(for_s)]
    started = [subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate(timeout=60)[0].split()[-3:] for process in started]
    return sum(int(answered) for answered, _, _ in told), sum(int(fast) for _, fast, _ in told)


@pytest.fixture
def strict(sandbox: Sandbox):
    """Stripe counts: beyond a hundred a second, or twenty-five of one endpoint, it answers 429."""
    sandbox.control("POST", "rate-limits", {"enforced": True})
    yield sandbox
    sandbox.control("POST", "rate-limits", {"enforced": False})


@pytest.mark.django_db(transaction=True)
def test_calls_without_a_pace_run_into_stripes_limit(strict: Sandbox) -> None:
    _, too_fast = two_processes_call(strict, a_second=100_000, for_s=1)

    assert too_fast > 0


@pytest.mark.django_db(transaction=True)
def test_two_processes_together_stay_below_stripes_limit_and_use_what_is_allowed(strict: Sandbox) -> None:
    answered, too_fast = two_processes_call(strict, a_second=ENDPOINT_A_SECOND, for_s=2)

    assert too_fast == 0
    assert ENDPOINT_A_SECOND <= answered <= 4 * ENDPOINT_A_SECOND + 4
