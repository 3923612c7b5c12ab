"""Which letters wait for a sender."""

from shop.core.clock import DatabaseNow
from shop.mails.models import Mail, MailState


def owed(*, at_most: int = 100) -> list[int]:
    """The ids of letters to be sent now, those whose sender died included; the longest owed first."""
    waiting = Mail.objects.filter(state__in=[MailState.WRITTEN, MailState.SENDING], next_try_at__lte=DatabaseNow())
    return list(waiting.order_by("next_try_at").values_list("id", flat=True)[:at_most])
