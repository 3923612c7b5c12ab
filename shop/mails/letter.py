"""What a letter is made of, and how it becomes text and HTML."""

from dataclasses import dataclass
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from shop.core.money import Money
from shop.mails.models import Mail
from shop.stores.models import Store


@dataclass(frozen=True)
class Row:
    """One kind of goods: "Mug", "Blue / L · Piece 17 of 200", so many, and what they cost (not told where None)."""

    title: str
    note: str = ""
    quantity: int = 1
    amount: Money | None = None


@dataclass(frozen=True)
class Link:
    """Words and the whole address that they lead to."""

    label: str
    url: str


@dataclass(frozen=True)
class Letter:
    """One letter. `reference` makes it go once; `links` are buttons, the first the weightiest."""

    reference: str
    to: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    store: Store | None = None
    facts: tuple[tuple[str, str], ...] = ()
    rows: tuple[Row, ...] = ()
    totals: tuple[tuple[str, Money], ...] = ()
    links: tuple[Link, ...] = ()
    small: str = ""


def mail_of(letter: Letter) -> Mail:
    """The row of a letter, not saved: rendered once, with the Message-ID that it keeps however often it is sent."""
    context = {"letter": letter, "site_url": settings.SITE_URL}
    return Mail(
        reference=letter.reference,
        message_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
        to=letter.to,
        subject=one_line(letter.subject),
        text=render_to_string("emails/letter.txt", context).strip() + "\n",
        html=render_to_string("emails/letter.html", context),
    )


def one_line(subject: str) -> str:
    """A subject that cannot smuggle in another header: one line of at most 200 characters."""
    return " ".join(subject.split())[:200]


def address_of(path: str) -> str:
    """The whole address of a path on this site."""
    return f"{settings.SITE_URL}{path}"
