"""The work that rows owe: how each kind is found, with the request it goes back to, and how one of it is done.

Celery's tasks and tick call the same functions.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from config.reactions import REACTIONS
from shop.catalog.queries import pictures_to_render
from shop.catalog.services import render_picture as render
from shop.core import clock, facts, relay
from shop.mails import queries as mails
from shop.mails.services import send
from shop.payments import queries as payments
from shop.payments import services as paying
from shop.payments.pace import ENDPOINT_A_SECOND

Subject = int | str
Owed = Callable[[], Mapping[Any, str]]
Run = Callable[[Subject], object]

MOST_AT_ONCE = 100
AT_ONCE = timedelta(0)


def react(delivery_id: Subject) -> None:
    """Let one reaction follow one fact."""
    relay.react(delivery_id=int(delivery_id), reactions=REACTIONS)


def attempts_owed() -> dict[str, str]:
    """Attempts that Stripe should hear of, or be asked about.

    Of those whose page is to be opened no more than Stripe is asked for in a second: the others wait in their rows,
    where the buyers of each sale take turns, and not in the workers' queue, where the first to come go first.
    """
    at = clock.now()
    due = [payments.attempts_to_settle(at), payments.attempts_to_open(at)]
    ids = [one for attempts in due for one in attempts.values_list("pk", flat=True)[:ENDPOINT_A_SECOND]]
    return facts.request_ids_of("attempt.started", subjects=ids)


def talk(attempt_id: Subject) -> None:
    """Talk with Stripe about one attempt."""
    paying.talk(attempt_id=UUID(str(attempt_id)), at=clock.now())


def webhooks_owed() -> dict[str, str]:
    """Webhooks that nobody looked into."""
    return dict(payments.webhooks_owed(clock.now()).values_list("pk", "request_id")[:ENDPOINT_A_SECOND])


def handle_webhook(event_id: Subject) -> None:
    """Look into what one webhook hints at."""
    paying.handle_webhook(event_id=str(event_id), at=clock.now())


def refunds_owed() -> dict[str, str]:
    """Refunds that Stripe should hear of, or be asked about."""
    due = payments.refunds_owed(clock.now(), unheard=AT_ONCE)
    return facts.request_ids_of("refund.asked", subjects=due.values_list("pk", flat=True)[:ENDPOINT_A_SECOND])


def send_refund(refund_id: Subject) -> None:
    """Bring one refund to Stripe."""
    paying.send_refund(refund_id=UUID(str(refund_id)), at=clock.now())


def mails_owed() -> dict[int, str]:
    """Letters to be sent."""
    return mails.owed(at_most=MOST_AT_ONCE)


def send_mail(mail_id: Subject) -> None:
    """Send one letter."""
    send(mail_id=int(mail_id))


def pictures_owed() -> dict[int, str]:
    """Pictures without their renditions."""
    return dict.fromkeys(pictures_to_render().values_list("pk", flat=True)[:MOST_AT_ONCE], "")


def render_picture(picture_id: Subject) -> None:
    """Make one picture's renditions."""
    render(picture_id=int(picture_id))


def lapse_old_orders() -> int:
    """Close orders that nobody pays any more; how many."""
    return paying.lapse_old_orders(at=clock.now())
