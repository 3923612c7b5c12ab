"""One sandbox for each worker; tests that switch faults on or stop it get one of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.stripe.mailbox import Mailbox
from tests.stripe.sandbox import Browser, Sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Shared: a test may add objects and must not change anybody else's."""
    yield from _running(tmp_path_factory.mktemp("stripe"))


@pytest.fixture(scope="module")
def own_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """For one module, which may switch faults, limits and the clock."""
    yield from _running(tmp_path_factory.mktemp("stripe"))


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    """The official client of the shared sandbox."""
    return sandbox.client()


@pytest.fixture
def browser() -> Browser:
    """A buyer."""
    return Browser()


@pytest.fixture
def mailbox(own_sandbox: Sandbox) -> Iterator[Mailbox]:
    """A registered webhook receiver that gets every event of the module's sandbox."""
    mailbox = Mailbox()
    client = own_sandbox.client()
    endpoint = client.v1.webhook_endpoints.create({"url": mailbox.url, "enabled_events": ["*"]})
    mailbox.secret = endpoint.secret or ""
    yield mailbox
    client.v1.webhook_endpoints.delete(endpoint.id)
    own_sandbox.control("DELETE", "faults")
    mailbox.server.shutdown()
    mailbox.server.server_close()


def _running(folder: Path) -> Iterator[Sandbox]:
    sandbox = Sandbox(state=folder / "stripe.sqlite3")
    sandbox.start()
    yield sandbox
    sandbox.stop()
