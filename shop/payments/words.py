"""A payment in words for its buyer."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.payments.limits import Limit
from shop.payments.queries import NEVER_OPENED, Progress


def waiting_for(now: Progress) -> str:
    """What is going on; empty where nothing is, or the buyer is waited for."""
    said = {
        "starting": _in_the_queue(now.before_you),
        "confirming": _("Your bank agreed. One moment …"),
        "ending": why_not(now) if now.decline_code else _("Ending the payment …"),
    }
    return said.get(now.stage, "")


def why_not(now: Progress) -> str:
    """Why the last try to pay came to nothing; empty where a bank did not say, or money came."""
    if now.stage == "failed" and not now.decline_code:
        return _("The payment ended without money. Nothing was charged.")
    if not now.decline_code:
        return ""
    reasons = {
        Limit.CARD.value: _(
            "This card has already bought as many of this drop as one person may have. Your card was not charged."
        ),
        Limit.ADDRESS.value: _(
            "As many of this drop as one person may have already go to this address. Your card was not charged."
        ),
        "insufficient_funds": _("The card does not cover the amount. Nothing was charged; another card may."),
        "expired_card": _("The card has expired. Nothing was charged; another card may work."),
        NEVER_OPENED: _("The payment page did not open. Nothing was charged; please try again."),
    }
    return reasons.get(now.decline_code, _("The bank declined the card. Nothing was charged; another card may work."))


def _in_the_queue(before_you: int) -> str:
    if not before_you:
        return _("Opening the payment page …")
    said = ngettext("Paying … {count} before you.", "Paying … {count} before you.", before_you)
    return said.format(count=before_you)
