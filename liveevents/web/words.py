"""What a page says of a drop, where a template alone would say it badly."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from liveevents.drops.now import DropNow
from shop.web.templatetags.stagedoor import money


def then_words(drop: DropNow) -> str:
    """When the price rises and to what: "then €28.00 after 12 more"; empty where it stays."""
    price, left = drop.next_price, drop.left_at_price
    if price is None:
        return ""
    if not drop.is_running:
        return _("for the first {left}, then {price}").format(left=left, price=money(price))
    return ngettext("then {price} after one more", "then {price} after {left} more", left).format(
        left=left, price=money(price)
    )
