"""The demo's mailbox: every mail that the house sent, read from the folder where Django's file backend puts them."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from itertools import islice
from pathlib import Path

from csp.constants import NONE, SELF
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

NEWEST = 100
SEPARATOR = re.compile(rb"\n-{79}\n")
KEY = re.compile(r"(\d{8}-\d{6}-\d+)\.(\d+)")

ONLY_THE_LETTER = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
}


@dataclass(frozen=True)
class Letter:
    """A mail as a reader sees it; `html` is empty for one of plain text."""

    key: str
    to: str
    sender: str
    subject: str
    sent_at: datetime
    text: str
    html: str


@require_safe
@never_cache
def mailbox_page(request: HttpRequest) -> HttpResponse:
    """The newest mails, newest first."""
    return render(request, "demo/mailbox.html", {"letters": list(islice(letters(), NEWEST))})


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
@require_safe
@never_cache
def letter_page(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: its text with links to follow, and how a mail program shows it."""
    return render(request, "demo/letter.html", {"letter": letter_or_404(key)})


@csp_replace(ONLY_THE_LETTER)  # type: ignore[arg-type]
@xframe_options_sameorigin
@require_safe
@never_cache
def letter_html(request: HttpRequest, key: str) -> HttpResponse:
    """A mail's HTML by itself, for a sandboxed frame; its links open beside the mailbox."""
    return HttpResponse(letter_or_404(key).html.replace("<head>", '<head><base target="_blank">', 1))


def letters() -> Iterator[Letter]:
    """Every mail, newest first, read one file at a time."""
    for path in sorted(_folder().glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        yield from reversed(_letters_in(path))


def letter_or_404(key: str) -> Letter:
    """The mail of this key, which is a file's name and the mail's place in it."""
    found = KEY.fullmatch(key)
    path = _folder() / f"{found[1]}.log" if found else None
    if path is None or not path.is_file():
        raise Http404
    for letter in _letters_in(path):
        if letter.key == key:
            return letter
    raise Http404


def _folder() -> Path:
    """Where the mail is; another backend than files leaves the mailbox empty."""
    return Path(getattr(settings, "EMAIL_FILE_PATH", "") or "no-mail-is-kept-here")


def _letters_in(path: Path) -> list[Letter]:
    parts = [part for part in SEPARATOR.split(path.read_bytes()) if part.strip()]
    return [_letter(f"{path.stem}.{place}", part) for place, part in enumerate(parts)]


def _letter(key: str, written: bytes) -> Letter:
    message = email.message_from_bytes(written, policy=default)
    return Letter(
        key=key,
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        sent_at=message["Date"].datetime,
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
