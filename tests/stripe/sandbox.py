"""A sandbox process for tests, and a buyer's browser without a browser."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
import stripe

KEY = "sk_test_for_tests"
ROOT = Path(__file__).resolve().parents[2]
PREFIX = "/stripe-sandbox"
PATIENCE_S = 10


@dataclass
class Sandbox:
    """One process on a state file of its own, and on a port of its own that it keeps over restarts."""

    state: Path
    options: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers; another port where somebody was faster."""
        keeps_port = self.port
        for port in [keeps_port] if keeps_port else ports():
            self.port = port
            if self._starts():
                return
        raise AssertionError("no port to listen on")

    def _starts(self) -> bool:
        command = [sys.executable, "-m", "config.local.stripe", "--port", str(self.port), "--state", str(self.state)]
        command += ["--secret-key", KEY, "--public-url", self.base + PREFIX, *self.options]
        self.process = subprocess.Popen(command, cwd=ROOT)
        eventually(lambda: self._answers() or self._is_gone())
        return not self._is_gone()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=PATIENCE_S)

    def client(self, *, retries: int = 0, timeout_s: float = 10) -> stripe.StripeClient:
        """The official client, pointed here."""
        return stripe.StripeClient(
            KEY,
            base_addresses={"api": self.base},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=timeout_s),
        )

    def control(self, method: str, path: str, sent: Any = None) -> Any:
        answer = requests.request(method, f"{self.base}/_sandbox/{path}", json=sent, auth=(KEY, ""), timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **form: str
    ) -> requests.Response:
        """A call without the client, to send what the client never would."""
        sent = {"params" if method == "GET" else "data": form}
        return requests.request(method, self.base + path, headers=headers, auth=(KEY, ""), timeout=10, **sent)  # type: ignore[arg-type]

    def _answers(self) -> bool:
        try:
            health = requests.get(f"{self.base}/_sandbox/healthz", timeout=1).json()
        except requests.ConnectionError:
            return False
        return self.process is not None and bool(health["pid"] == self.process.pid)

    def _is_gone(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@dataclass
class Browser:
    """Follows links by hand, so that a test sees each step."""

    def open(self, url: str) -> requests.Response:
        return requests.get(url, allow_redirects=False, timeout=10)

    def pay(self, page: str, *, number: str, **typed: str) -> requests.Response:
        """Fill the card form at this address and press the button."""
        return requests.post(page, data=card_form(number=number, **typed), allow_redirects=False, timeout=10)

    def answer_bank(self, page: str, outcome: str) -> requests.Response:
        return requests.post(page, data={"outcome": outcome}, allow_redirects=False, timeout=10)


def card_form(*, number: str, **typed: str) -> dict[str, str]:
    filled = {
        "email": "vera@example.com",
        "card_number": number,
        "card_expiry": "12 / 40",
        "card_cvc": "123",
        "card_name": "Vera Viewer",
    }
    return filled | typed


def ports() -> Iterator[int]:
    """Ports that nobody listens on, below the range the kernel hands out; each process begins somewhere else."""
    first = 20_000 + os.getpid() * 97 % 10_000
    for port in range(first, first + 100):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)):
                yield port


def eventually(is_true: Callable[[], Any]) -> Any:
    """Ask until the answer is yes, and return it."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := is_true()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return answer


def session_params(**more: Any) -> Any:
    """A payment session for two mugs at 12.50 euro; Any, because the library has a type for each single parameter."""
    price = {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "Mug"}}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 2}],
        "success_url": "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/cart",
    } | more


def location(answer: requests.Response) -> str:
    assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:2000]}"
    return urljoin(answer.url, answer.headers["Location"])


def as_dict(thing: Any) -> dict[str, Any]:
    """A client object as the JSON it came from."""
    return dict(json.loads(str(thing)))
