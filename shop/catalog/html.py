"""Other people's HTML made safe to show."""

import re
from typing import Final

import nh3

TAGS: Final = {
    "a", "b", "blockquote", "br", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "s", "small", "strong", "sub",
    "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES: Final = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
BLOCK: Final = re.compile(r"<(p|ul|ol|h[234]|table|blockquote|hr)\b")


def make_safe(html: str) -> str:
    """A description that runs no script, loads nothing and breaks no page; plain text becomes a paragraph.

    Links keep http, https and mailto addresses only, and give away neither the page nor its rank.
    """
    safe = nh3.clean(
        html.replace("\0", ""),
        tags=TAGS,
        clean_content_tags={"script", "style"},
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    ).strip()
    return f"<p>{safe}</p>" if safe and not BLOCK.search(safe) else safe
