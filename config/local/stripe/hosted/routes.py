"""The hosted pages' addresses: `/c/pay/<session>`, `/3ds/<challenge>`, `/receipts/<charge>`, `/hosted.css`."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from config.local.stripe.account import Account
from config.local.stripe.currencies import written
from config.local.stripe.errors import ApiError
from config.local.stripe.hosted import pages
from config.local.stripe.hosted.card_form import CardForm
from config.local.stripe.hosted.templates import Html, stylesheet
from config.local.stripe.paying import answer_bank, pay, success_page
from config.local.stripe.resources.sessions import session_now
from config.local.stripe.shapes import Fields

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src http: https: data:; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Page:
    """An answer of the hosted pages."""

    status: int
    content: str
    headers: dict[str, str] = field(default_factory=dict)


def respond(account: Account, *, method: str, path: str, body: str) -> Page:
    """The page at a path, or what pressing its button leads to."""
    if path == "/hosted.css":
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=3600"}
        return Page(200, stylesheet(), headers)
    found = re.fullmatch(r"/(c/pay|3ds|receipts)/(\w+)", path)
    if not found or method not in ("GET", "HEAD", "POST"):
        return _no_page(account)
    try:
        with account.change():
            return _VIEWS[found[1]](account, found[2], body if method == "POST" else None)
    except ApiError:
        return _no_page(account)


def _checkout(account: Account, id: str, posted: str | None) -> Page:
    session = session_now(account, id)
    if session["status"] == "expired":
        return _expired(account, session)
    if session["status"] == "complete":
        return _already_paid(account, session) if posted is None else _redirect(success_page(session))
    if posted is None:
        return _html(pages.checkout_page(account, session, form=pages.prefilled(account, session), errors={}))
    form = CardForm.read(posted)
    errors = form.errors(at=account.now())
    if errors:
        return _html(pages.checkout_page(account, session, form=form, errors=errors), status=422)
    return _redirect(pay(account, session, entry=form.entry()))


def _bank(account: Account, id: str, posted: str | None) -> Page:
    challenge = account.find("challenge", id)
    intent = account.find(challenge["intent_kind"], challenge["intent"])
    session_id = account.private(intent["id"]).get("session")
    session = session_now(account, session_id) if session_id else None
    challenge = account.find("challenge", id)
    if challenge["state"] != "open":
        return _answered(account, challenge, session)
    outcome = parse_qs(posted or "").get("outcome", [""])[-1]
    if outcome not in ("complete", "fail"):
        return _html(pages.bank_page(account, challenge))
    address = answer_bank(account, challenge, outcome="complete" if outcome == "complete" else "fail")
    return _redirect(address) if address else _back_to_shop(account)


def _receipt(account: Account, id: str, _posted: str | None) -> Page:
    charge = account.find("charge", id)
    amount = written(amount=charge["amount_captured"] or charge["amount"], currency=charge["currency"])
    text = f"{amount} from the card ending {charge['payment_method_details']['card']['last4']}."
    heading = f"Receipt from {account.settings.merchant}"
    return _html(pages.notice_page(account, mark="✓", heading=heading, text=text))


_VIEWS = {"c/pay": _checkout, "3ds": _bank, "receipts": _receipt}


def _expired(account: Account, session: Fields) -> Page:
    link = ("Back to the shop", session["cancel_url"]) if session["cancel_url"] else None
    heading, text = "This payment page has expired", "Nothing was charged. Go back to the shop to start again."
    return _html(pages.notice_page(account, mark="!", heading=heading, text=text, link=link), status=410)


def _already_paid(account: Account, session: Fields) -> Page:
    link = ("Continue", success_page(session))
    text = "This page has done its work; nothing is charged twice."
    return _html(pages.notice_page(account, mark="✓", heading="You are all done here", text=text, link=link))


def _answered(account: Account, challenge: Fields, session: Fields | None) -> Page:
    if session and session["status"] == "complete":
        return _redirect(success_page(session))
    if session and session["status"] == "expired":
        return _expired(account, session)
    address = session["url"] if session else challenge["return_url"]
    link = ("Back to the shop", address) if address else None
    text = "The bank has had its answer, or another attempt was started."
    return _html(
        pages.notice_page(account, mark="–", heading="This confirmation is over", text=text, link=link), status=410
    )


def _back_to_shop(account: Account) -> Page:
    heading, text = "The bank has your answer", "You can close this page and go back to the shop."
    return _html(pages.notice_page(account, mark="✓", heading=heading, text=text))


def _no_page(account: Account) -> Page:
    heading, text = "There is no such page", "The address may be incomplete, or the sandbox was reset."
    return _html(pages.notice_page(account, mark="?", heading=heading, text=text), status=404)


def _html(content: Html, *, status: int = 200) -> Page:
    return Page(status, content, {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"} | SECURITY)


def _redirect(address: str) -> Page:
    return Page(303, "", {"Location": address, "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8"})
