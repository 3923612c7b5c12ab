"""Celery's tasks: an id in, one call, nothing else. Each is safe twice; tick finds again what a lost message named."""

from celery import shared_task
from django.core.management import call_command

from config import inspecting, work
from shop.core.limits import forget_past


@shared_task
def react(delivery_id: int) -> None:
    """Let one reaction follow one fact."""
    work.react(delivery_id)


@shared_task
def talk(attempt_id: str) -> None:
    """Talk with Stripe about one attempt."""
    work.talk(attempt_id)


@shared_task
def handle_webhook(event_id: str) -> None:
    """Look into what one webhook hints at."""
    work.handle_webhook(event_id)


@shared_task
def send_refund(refund_id: str) -> None:
    """Bring one refund to Stripe."""
    work.send_refund(refund_id)


@shared_task
def send_mail(mail_id: int) -> None:
    """Send one letter."""
    work.send_mail(mail_id)


@shared_task
def render_picture(picture_id: int) -> None:
    """Make one picture's renditions."""
    work.render_picture(picture_id)


@shared_task
def inspect() -> None:
    """Look whether everything that must be true is."""
    inspecting.inspect()


@shared_task
def forget_what_is_past() -> None:
    """Delete sessions that ended and tallies whose window is over."""
    call_command("clearsessions")
    forget_past()
