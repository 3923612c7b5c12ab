"""Which letters wait for a sender."""

from shop.core.clock import DatabaseNow
from shop.mails.models import Mail, MailState


def owed(*, at_most: int = 100) -> dict[int, str]:
    """The ids of letters to be sent now, the longest owed first, each with its request's id.

    Those whose sender died are among them.
    """
    waiting = Mail.objects.filter(state__in=[MailState.WRITTEN, MailState.SENDING], next_try_at__lte=DatabaseNow())
    return dict(waiting.order_by("next_try_at").values_list("id", "request_id")[:at_most])
