"""What people in the line are told: why nobody is being served, in words and as small JSON."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from liveevents.drops.line import Reason, Why
from shop.web.templatetags.stagedoor import clock_face


def why_words(why: Why) -> str:
    """A sentence or two: "5 pieces are held; the next runs out in 0:41. 12 pieces are being paid for." """
    if why.reason == Reason.LIMIT:
        return _limit(why)
    if why.reason == Reason.TOO_FEW:
        said = ngettext(
            "One piece is free, but you asked for {asked} together.",
            "{free} pieces are free, but you asked for {asked} together.",
            why.free,
        )
        return said.format(free=why.free, asked=why.asked)
    if why.reason == Reason.SOLD:
        return _("Every piece is sold: one comes back only when money is given back.")
    return " ".join(filter(None, [_held(why), _paying(why)]))


def why_state(why: Why | None) -> dict[str, Any] | None:
    """The code, the numbers and the words."""
    return None if why is None else {**asdict(why), "said": why_words(why)}


def _limit(why: Why) -> str:
    if not why.may_take:
        return _("You have as many as one person may have, so others go first.")
    said = ngettext(
        "You may have one more, but you asked for {asked} together.",
        "You may have {more} more, but you asked for {asked} together.",
        why.may_take,
    )
    return said.format(more=why.may_take, asked=why.asked)


def _held(why: Why) -> str:
    if not why.held:
        return ""
    said = ngettext(
        "One piece is held; it runs out in {time}.",
        "{held} pieces are held; the next runs out in {time}.",
        why.held,
    )
    return said.format(held=why.held, time=clock_face(why.ms_left or 0))


def _paying(why: Why) -> str:
    if not why.paying:
        return ""
    said = ngettext("One piece is being paid for.", "{paying} pieces are being paid for.", why.paying)
    return said.format(paying=why.paying)
