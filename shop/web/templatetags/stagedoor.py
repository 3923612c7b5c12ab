"""What templates need beyond Django: money and clocks as people write them, icons, pictures in several widths."""

from django import template
from django.core.files.storage import default_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, to_locale

from shop.catalog.models import Picture
from shop.core.money import Money
from shop.web.icons import FOLLOW_TEXT, ICONS

register = template.Library()


@register.filter
def money(amount: Money) -> str:
    """An amount as the reader's language writes it: "€12.50", "12,50 €"."""
    return amount.format(to_locale(get_language() or "en"))


@register.filter
def clock_face(remaining_ms: int) -> str:
    """Milliseconds as clock.js writes them, for the page before the script runs: "0:07", "12:30", "1:02:03"."""
    seconds = max(0, -(-int(remaining_ms) // 1000))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def grams(weight_g: int) -> str:
    """A weight in grams, in kilograms from 1,000 g: "350 g", "1.25 kg"."""
    return f"{weight_g} g" if weight_g < 1000 else f"{weight_g / 1000:.2f}".rstrip("0").rstrip(".") + " kg"


@register.simple_tag
def icon(name: str, kind: str = "") -> SafeString:
    """The icon of this name as inline SVG, silent to screen readers; `kind` is a further class such as "large".

    A name that is not in the set is a mistake in a template: KeyError.
    """
    classes = " ".join(filter(None, ["icon", kind, "follows-text" if name in FOLLOW_TEXT else ""]))
    drawing = mark_safe(ICONS[name])  # noqa: S308 - our own constants
    return format_html('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, drawing)


@register.simple_tag
def srcset(picture: Picture) -> str:
    """A picture's renditions for `<img srcset>`: "/media/a-400.webp 400w, /media/a-800.webp 800w"; empty before the
    task made them."""
    widths = sorted(picture.renditions, key=int)
    return ", ".join(f"{default_storage.url(picture.renditions[width])} {width}w" for width in widths)
