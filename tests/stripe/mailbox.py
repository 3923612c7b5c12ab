"""A webhook receiver: keeps what it is sent, and answers as told."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from tests.stripe.sandbox import eventually


@dataclass
class Mailbox:
    """What arrived, in order: the verified events. `answers` are used up one for each delivery, then it says 200."""

    secret: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[tuple[bytes, str]] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        mailbox = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mailbox.bodies.append((body, self.headers["Stripe-Signature"]))
                self.send_response(mailbox.answers.pop(0) if mailbox.answers else 200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/webhooks"

    def events(self, *types: str) -> list[stripe.Event]:
        """What arrived, each signature checked by the official library."""
        events = [stripe.Webhook.construct_event(body, signature, self.secret) for body, signature in list(self.bodies)]
        return [event for event in events if not types or event.type in types]

    def wait_for(self, count: int, *types: str) -> list[stripe.Event]:
        """The events of these types, as soon as there are that many."""
        eventually(lambda: len(self.events(*types)) >= count)
        return self.events(*types)
