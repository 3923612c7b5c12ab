"""The doors of the house in tests: Stripe's is our own sandbox, as a process, spoken to over HTTP."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from config.local.ports import free_ports

GOOD, DECLINED, NO_FUNDS = "4242424242424242", "4000000000000002", "4000000000009995"
ASKS_THE_BANK, REFUNDS_LATER, REFUND_FAILS = "4000000000003220", "4000000000007726", "4000000000005126"
STARTS_WITHIN_S = 20


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The buyer's browser stops where it is sent to."""

    def redirect_request(self, *args: object) -> None:
        return None


@dataclass(frozen=True)
class Sandbox:
    """Stripe, as a buyer and as somebody who breaks things sees it."""

    base: str

    def pay(self, url: str, *, card: str = GOOD) -> str:
        """Type a card into the payment page; where the buyer is sent then."""
        form = {
            "email": "vera@stagedoor.example",
            "card_number": card,
            "card_expiry": "12 / 40",
            "card_cvc": "123",
            "card_name": "Vera Viewer",
        }
        return self._submit(url, form)

    def answer_bank(self, url: str, *, outcome: str) -> str:
        """Complete or fail 3-D Secure; where the buyer is sent then."""
        return self._submit(url, {"outcome": outcome})

    def break_next(self, kind: str, path: str, *, method: str = "POST", count: int = 1, **rule: object) -> None:
        """The next calls of a path suffer: error_after, timeout_before, rate_limited, …"""
        self.control("POST", "faults", {"kind": kind, "path": path, "method": method, "count": count, **rule})

    def heal(self) -> None:
        """Nothing suffers any more."""
        self.control("DELETE", "faults")

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What happened, newest first, as the bodies of webhooks."""
        return list(self._call("GET", f"/v1/events?limit=100&type={kind}")["data"])

    def capture(self, intent_id: str, *, amount_minor: int) -> None:
        """Somebody takes a part of an authorised payment in Stripe's dashboard."""
        path = f"/v1/payment_intents/{intent_id}/capture"
        self._call("POST", path, form={"amount_to_capture": str(amount_minor)})

    def control(self, method: str, what: str, body: object = None) -> dict[str, Any]:
        """The sandbox's own switches."""
        return self._call(method, f"/_sandbox/{what}", body)

    def _call(
        self, method: str, path: str, body: object = None, *, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        sent = json.dumps(body) if form is None else urllib.parse.urlencode(form)
        request = urllib.request.Request(  # noqa: S310 - our own sandbox
            self.base + path,
            method=method,
            data=None if body is None and form is None else sent.encode(),
            headers={"Authorization": f"Bearer {settings.STRIPE_SECRET_KEY}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found

    def _submit(self, url: str, form: dict[str, str]) -> str:
        browser = urllib.request.build_opener(NoRedirect)
        try:
            browser.open(url, data=urllib.parse.urlencode(form).encode(), timeout=10)
        except urllib.error.HTTPError as answer:
            if answer.code != 303:
                raise
            return str(answer.headers["Location"])
        raise AssertionError(f"{url} sent the buyer nowhere")


@contextmanager
def running_sandbox(state: Path) -> Iterator[Sandbox]:
    """The sandbox on a port of its own, until the block ends."""
    port = next(free_ports())
    command = [sys.executable, "-m", "config.local.stripe", f"--port={port}", f"--state={state}"]
    process = subprocess.Popen([*command, f"--secret-key={settings.STRIPE_SECRET_KEY}"])
    try:
        sandbox = Sandbox(f"http://127.0.0.1:{port}")
        _wait_for(sandbox, process)
        yield sandbox
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(sandbox: Sandbox, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < until:
        try:
            sandbox.control("GET", "healthz")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the Stripe sandbox did not start")


@pytest.fixture(scope="session")
def stripe_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all tests of a worker."""
    with running_sandbox(tmp_path_factory.mktemp("stripe") / "state.sqlite3") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(stripe_process: Sandbox, settings: Settings) -> Sandbox:
    """Stripe in good health, and a shop that talks to it."""
    settings.STRIPE_API_BASE = stripe_process.base
    stripe_process.heal()
    return stripe_process
