"""A visitor without a screen: cookies, pages and their forms over plain HTTP. It knows the house from outside only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from http.client import HTTPResponse
from http.cookiejar import Cookie, CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

PATIENCE_S = 30


class NotThere(AssertionError):
    """The page lacks what a person would press next."""


@dataclass
class Form:
    """A form as a browser without JavaScript would send it: its fields with their present values."""

    method: str = "get"
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    presses: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    boxes: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Page:
    """What came back, after redirects."""

    url: str
    status: int
    text: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.text)

    @property
    def forms(self) -> list[Form]:
        """Every form, from top to bottom."""
        return _Reader(self).forms

    @property
    def links(self) -> list[str]:
        """Where every link leads, from top to bottom."""
        return _Reader(self).links

    def form(self, action: str = "") -> Form:
        """The first form whose action contains this text. Raises NotThere."""
        found = next((form for form in self.forms if action in form.action), None)
        if found is None:
            raise NotThere(f"no form for {action} on {self.url} ({self.status})")
        return found

    def link(self, href: str) -> str:
        """The first address of a link that contains this text. Raises NotThere."""
        found = next((link for link in self.links if href in link), None)
        if found is None:
            raise NotThere(f"no link to {href} on {self.url} ({self.status})")
        return found


class Visitor:
    """One browser: it keeps cookies and sends what a browser sends."""

    def __init__(self, base_url: str, *, follows: bool = True) -> None:
        self.base_url = base_url
        self.cookies = CookieJar()
        walks = [] if follows else [_StandStill()]
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.cookies), *walks)

    def wear(self, cookies: Mapping[str, str]) -> None:
        """Go on as somebody else did: with their cookies."""
        for name, value in cookies.items():
            self.cookies.set_cookie(_cookie(name, value, host=urlsplit(self.base_url).hostname or ""))

    def get(self, url: str, **headers: str) -> Page:
        """Open an address, or a path of the house; header names with _ for -."""
        return self._open(Request(urljoin(self.base_url, url), headers=_header_names(headers)))  # noqa: S310

    def press(self, form: Form, name: str, value: str) -> Page:
        """Submit a form by one of its named buttons. Raises NotThere."""
        if (name, value) not in form.presses:
            raise NotThere(f"{form.action} has no button {name}={value}, only {form.presses}")
        return self.send(replace(form, fields={**form.fields, name: value}))

    def tick_all(self, form: Form) -> Page:
        """Tick every box that is not ticked yet, and submit."""
        return self._post(form, [*form.fields.items(), *form.boxes])

    def send(self, form: Form, **changed: str) -> Page:
        """Fill in and submit a form. Raises NotThere for a field that it does not have."""
        if strange := changed.keys() - form.fields.keys():
            raise NotThere(f"{form.action} has no field {sorted(strange)}, only {sorted(form.fields)}")
        filled = {**form.fields, **changed}
        if form.method == "get":
            return self.get(f"{form.action}?{urlencode(filled)}")
        return self._post(form, list(filled.items()))

    def _post(self, form: Form, filled: list[tuple[str, str]]) -> Page:
        body = urlencode(filled).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": form.action}
        return self._open(Request(form.action, data=body, headers=headers, method="POST"))  # noqa: S310

    def send_json(self, url: str, body: object, *, method: str = "POST", **headers: str) -> Page:
        """Send JSON as the house's own scripts do."""
        sent = {"Content-Type": "application/json", "X-Stagedoor": "1", **_header_names(headers)}
        data = json.dumps(body).encode()
        return self._open(Request(urljoin(self.base_url, url), data=data, headers=sent, method=method))  # noqa: S310

    def _open(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as response:
                return _page(response)
        except HTTPError as refused:
            with refused:
                return _page(refused)


class _StandStill(HTTPRedirectHandler):
    """Leaves a redirect unanswered, as somebody does who closes the browser."""

    def redirect_request(self, *args: object) -> None:
        """Nowhere."""


def _page(response: HTTPResponse | HTTPError) -> Page:
    body = response.read()
    return Page(
        url=response.geturl(),
        status=response.status or 0,
        text=body.decode("utf-8", "replace"),
        headers={name.lower(): value for name, value in response.headers.items()},
        body=body,
    )


def _cookie(name: str, value: str, *, host: str) -> Cookie:
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain=host,
        domain_specified=False,
        domain_initial_dot=False,
        path="/",
        path_specified=True,
        secure=False,
        expires=None,
        discard=True,
        comment=None,
        comment_url=None,
        rest={},
    )


def _header_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class _Reader(HTMLParser):
    """Reads the forms and links of a page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.url = page.url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._open: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._named: str | None = None
        self._options = 0
        self._unvalued: tuple[Form, bool] | None = None
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "form":
            action = urljoin(self.url, given.get("action") or self.url)
            self._open = Form(method=given.get("method", "get").lower(), action=action)
            self.forms.append(self._open)
            self._by_id[given.get("id", "")] = self._open
        else:
            owner = self._by_id.get(given["form"]) if "form" in given else self._open
            if owner is not None:
                self._read_field(owner, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag in ("select", "textarea"):
            self._named = self._unvalued = None

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._named and self.lasttag == "textarea":
            self._open.fields[self._named] = data
        elif self._unvalued and data.strip():
            owner, is_chosen = self._unvalued
            self._unvalued = None
            self._offer(owner, data.strip(), is_chosen=is_chosen)

    def _offer(self, form: Form, value: str, *, is_chosen: bool) -> None:
        """One more option of the select that is being read."""
        assert self._named is not None
        form.choices.setdefault(self._named, []).append(value)
        if is_chosen:
            form.fields[self._named] = value

    def _read_field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "button" and name:
            form.presses.append((name, given.get("value", "")))
        if tag == "input" and name and kind not in ("submit", "button", "image", "file"):
            if kind not in ("checkbox", "radio") or "checked" in given:
                form.fields[name] = given.get("value", "on" if kind == "checkbox" else "")
            elif kind == "checkbox":
                form.boxes.append((name, given.get("value", "on")))
            elif kind == "radio":
                form.fields.setdefault(name, "")
        elif tag in ("select", "textarea") and name:
            self._named, self._options = name, 0
            form.fields[name] = ""
        elif tag == "option" and self._named:
            self._options += 1
            is_chosen = "selected" in given or self._options == 1
            if "value" in given:
                self._offer(form, given["value"], is_chosen=is_chosen)
            else:  # its text is its value
                self._unvalued = (form, is_chosen)
