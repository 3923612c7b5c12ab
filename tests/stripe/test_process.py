"""The process: what it keeps over a restart, and how it starts and stops."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stripe.mailbox import Mailbox
from tests.stripe.sandbox import KEY, ROOT, Browser, Sandbox, eventually, location, session_params


@pytest.fixture
def stopping(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox that its test may stop and start."""
    sandbox = Sandbox(state=tmp_path / "stripe.sqlite3")
    sandbox.start()
    yield sandbox
    sandbox.stop()


def test_everything_is_there_again_after_kill_9(stopping: Sandbox, browser: Browser) -> None:
    client = stopping.client()
    session = client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "kept"})
    bank = location(browser.pay(str(session.url), number="4000002760003184"))
    stopping.control("POST", "faults", {"kind": "lost", "type": "charge.*"})
    assert stopping.process is not None

    stopping.process.send_signal(signal.SIGKILL)
    stopping.process.wait()
    stopping.start()

    replayed = client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "kept"})
    assert replayed.id == session.id
    assert stopping.control("GET", "faults")["faults"][0]["kind"] == "lost"
    assert location(browser.answer_bank(bank, "complete")).startswith("https://shop.example/thanks")
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_webhook_that_could_not_be_delivered_comes_after_the_restart(stopping: Sandbox) -> None:
    mailbox = Mailbox()
    client = stopping.client()
    mailbox.secret = str(client.v1.webhook_endpoints.create({"url": mailbox.url, "enabled_events": ["*"]}).secret)
    mailbox.answers.append(503)
    client.v1.customers.create({})
    eventually(lambda: len(mailbox.bodies) == 1)

    stopping.stop()
    stopping.start()

    first, again = mailbox.wait_for(2, "customer.created")
    assert first.id == again.id


def test_it_starts_within_a_second_and_stops_at_once(tmp_path: Path) -> None:
    sandbox = Sandbox(state=tmp_path / "stripe.sqlite3")

    began = time.monotonic()
    sandbox.start()
    started = time.monotonic()
    sandbox.stop()
    stopped = time.monotonic()

    assert started - began < 3
    assert stopped - started < 2
    assert sandbox.process is not None
    assert sandbox.process.returncode in (0, -signal.SIGTERM)


def test_an_endpoint_given_at_the_start_is_there_once_with_its_secret(tmp_path: Path) -> None:
    mailbox = Mailbox(secret="whsec_known")
    options = ("--webhook-url", mailbox.url, "--webhook-secret", mailbox.secret)
    sandbox = Sandbox(state=tmp_path / "stripe.sqlite3", options=options)

    sandbox.start()
    sandbox.stop()
    sandbox.start()
    sandbox.client().v1.customers.create({})

    assert len(mailbox.wait_for(1, "customer.created")) == 1
    assert len(sandbox.client().v1.webhook_endpoints.list().data) == 1
    sandbox.stop()


def test_it_knows_nothing_of_the_house() -> None:
    code = (
        "import sys, config.local.stripe.__main__; "
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'shop', 'liveevents', 'stripe')])"
    )
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert printed.stdout.strip() == "[]"
    assert KEY not in printed.stderr
