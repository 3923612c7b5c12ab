"""What people do in the demo house again and again: sign in by mail, check out, pay on Stripe's page."""

from __future__ import annotations

import html
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.request import Request, urlopen

from config.local.visitor import PATIENCE_S, NotThere, Page, Visitor

LETTER = re.compile(r'<a href="([^"]*/demo/mail/[^"]+)">([^<]*)</a>.*?\bto ([^<]+)</')
CODE = re.compile(r"^\s*([0-9A-Z]{3,4}-?[0-9A-Z]{3,4})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class World:
    """The house from outside, and the switches of the Stripe sandbox behind it."""

    base_url: str
    sandbox_url: str
    secret_key: str

    @classmethod
    def from_environment(cls, base_url: str) -> World:
        """The world whose sandbox the environment names, as a process of the house finds it."""
        return cls(base_url, os.environ["STRIPE_API_BASE"], os.environ["STRIPE_SECRET_KEY"])

    def visitor(self) -> Visitor:
        """Somebody new."""
        return Visitor(self.base_url)

    def fault(self, **rule: object) -> None:
        """Order a misfortune at Stripe, see `config/local/stripe/faults.py`."""
        self.stripe("/_sandbox/faults", rule)

    def webhooks_about(self, number: str) -> list[dict[str, str]]:
        """Each delivery of each event that names this order: its event, type, state and answer; newest first."""
        events = self.stripe("/v1/events?limit=100")["data"]
        about = {one["id"] for one in events if one["data"]["object"].get("metadata", {}).get("order") == number}
        return [one for one in self.stripe("/_sandbox/deliveries")["deliveries"] if one["event"] in about]

    def stripe(self, path: str, body: object = None) -> Any:
        """Ask the sandbox itself: GET, or POST of a body as JSON. Raises HTTPError."""
        headers = {"Authorization": f"Bearer {self.secret_key}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        request = Request(self.sandbox_url + path, data=sent, headers=headers)  # noqa: S310 - our own sandbox
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return json.load(answer)

    def sign_in(self, email: str) -> Visitor:
        """Sign in as an account, by the code in its mail."""
        person, before = self.visitor(), len(self.letters(email))
        asked = person.send(person.get("/account/login/").form("/account/login"), email=email)
        wait_until(lambda: len(self.letters(email)) > before, f"a code for {email} arrives")
        letter = person.get(self.letters(email)[0][0])
        code = CODE.search(html.unescape(re.sub(r"<[^>]+>", "\n", letter.text)))
        if code is None:
            raise NotThere(f"no code in the letter at {letter.url}")
        person.send(next(form for form in asked.forms if "code" in form.fields), code=code[1])
        return person

    def letters(self, to: str) -> list[tuple[str, str]]:
        """Address and subject of the demo's letters to somebody, newest first."""
        found = LETTER.findall(self.visitor().get("/demo/mail/").text)
        return [(url, html.unescape(subject)) for url, subject, reader in found if html.unescape(reader) == to]

    def mails(self, to: str) -> list[str]:
        """The subjects of the letters to somebody, newest first."""
        return [subject for _, subject in self.letters(to)]

    def check_out(self, buyer: Visitor, store: str, *, email: str, address: Mapping[str, str] | None = None) -> str:
        """Order what is in the cart; the address of the order's page."""
        form = buyer.get(f"/s/{store}/checkout/").form("/checkout/")
        typed = {"email": email, **(address or {})}
        if typed.get("country", form.fields["country"]) != form.fields["country"]:
            elsewhere = replace(form, fields={**form.fields, **typed})
            form = buyer.press(elsewhere, "update", "1").form("/checkout/")
        paying = buyer.send(form, **typed)
        if "/pay/" not in paying.url:
            raise NotThere(f"the checkout did not lead to a payment but to {paying.url} ({paying.status})")
        return paying.url.removesuffix("pay/")

    def payment_page(self, buyer: Visitor, order_url: str) -> Page:
        """Stripe's page of an order, as soon as there is one."""
        progress = f"{order_url}payment/"
        wait_until(lambda: buyer.get(progress).json["url"], "the payment page opens")
        return buyer.get(buyer.get(progress).json["url"])

    def pay(self, buyer: Visitor, page: Page, *, card: str, email: str, follow: bool = True) -> Page:
        """Fill in Stripe's page; where it leads, or nowhere for who closes the browser."""
        payer = buyer if follow else Visitor(self.base_url, follows=False)
        typed = {"card_number": card, "card_expiry": "12 / 34", "card_cvc": "123", "card_name": "G. Guest"}
        return payer.send(page.form(), email=email, **typed)


def is_paid(buyer: Visitor, order_url: str) -> bool:
    """Whether the order's page has come to know that it is paid."""
    return bool(buyer.get(f"{order_url}payment/").json["stage"] == "paid")


def buyer_address() -> dict[str, str]:
    """Somebody in Berlin."""
    return {
        "country": "DE",
        "name": "Gesa Gast",
        "line1": "Karl-Marx-Allee 33",
        "postal_code": "10178",
        "city": "Berlin",
    }


def wait_until(is_so: Callable[[], object], what: str, most_s: float = 60) -> None:
    """Look again and again, four times a second. Raises NotThere when it takes too long."""
    end = time.monotonic() + most_s
    while not is_so():
        if time.monotonic() > end:
            raise NotThere(f"{what}: not within {most_s:.0f} s")
        time.sleep(0.25)
