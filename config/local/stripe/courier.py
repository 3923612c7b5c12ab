"""Delivers webhooks: signs, posts, and tries again with growing pauses until the endpoint answers 2xx."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from config.local.stripe import outbox
from config.local.stripe.shapes import Fields
from config.local.stripe.store import Store

PAUSES_S = (0.5, 1, 2, 4, 8, 15, 30, 60, 60, 60)
PATIENCE_S = 10
IDLE_S = 0.05


def signature_header(*, payload: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` header: scheme v1, an HMAC-SHA256 over the instant and the body."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


class Courier:
    """Threads that work off due deliveries until stopped."""

    def __init__(self, *, store: Store, hands: int = 4) -> None:
        self._store = store
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(hands)]

    def start(self) -> None:
        """Take up what an earlier process left, and go on."""
        outbox.recover(store=self._store)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take up nothing more; what is under way counts as not delivered and is tried again after the next start."""
        self._stopping.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            delivery = outbox.take_due(store=self._store, at=time.time())
            if delivery is None:
                self._stopping.wait(IDLE_S)
            else:
                self._deliver(delivery)

    def _deliver(self, delivery: outbox.Delivery) -> None:
        endpoint, event = self._store.read(id=delivery.endpoint), self._store.read(id=delivery.event)
        if endpoint is None or event is None:
            outbox.settle(store=self._store, delivery=delivery, delivered=False, answer="endpoint gone", again_at=None)
            return
        answer = post(url=endpoint[1]["url"], secret=endpoint[2]["secret"], event=event[1])
        again_at = time.time() + PAUSES_S[delivery.attempts] if delivery.attempts < len(PAUSES_S) else None
        delivered = answer.startswith("2")
        outbox.settle(store=self._store, delivery=delivery, delivered=delivered, answer=answer, again_at=again_at)


def post(*, url: str, secret: str, event: Fields) -> str:
    """Send one event; returns the status it was answered with, or why there was none."""
    payload = json.dumps(event, indent=2).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature_header(payload=payload, secret=secret, at=int(time.time())),
        "User-Agent": "Stripe/1.0 (sandbox)",
    }
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=PATIENCE_S)
    try:
        connection.request(
            "POST", f"{address.path or '/'}{'?' + address.query if address.query else ''}", payload, headers
        )
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        connection.close()
