"""How page tests look at a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.accounts.models import Shopper
from shop.door.shopper import COOKIE, SIGNER


@contextmanager
def count_queries() -> Iterator[CaptureQueriesContext]:
    """The queries that run meanwhile; len() of it is their number."""
    with CaptureQueriesContext(connection) as queries:
        yield queries


def browser_of(shopper: Shopper) -> Client:
    """A browser with the shopper's cookie."""
    browser = Client()
    browser.cookies[COOKIE] = SIGNER.sign(str(shopper.pk))
    return browser


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.fields: dict[str, str] = {}

    def handle_data(self, data: str) -> None:
        self.words.extend(data.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("name"):
            self.fields[str(named["name"])] = named.get("value") or ""


def read(page: HttpResponse) -> _Text:
    """What the page says and the inputs it has."""
    text = _Text()
    text.feed(page.content.decode())
    return text


def words(page: Any) -> str:
    """What a person reads: the text of a page, its spaces made even."""
    return " ".join(read(page).words)


def fields(page: Any) -> dict[str, str]:
    """The inputs of a page by name."""
    return read(page).fields
