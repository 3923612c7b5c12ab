"""What a buyer does on the hosted pages: pay or save a card for a session, and answer the bank."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from config.local.stripe.account import Account
from config.local.stripe.confirming import Outcome, confirm, finish_challenge
from config.local.stripe.resources.customers import new_customer
from config.local.stripe.resources.kept_cards import new_method
from config.local.stripe.resources.payment_intents import new_intent
from config.local.stripe.resources.session_fields import INTENT_FIELD, customer_details
from config.local.stripe.resources.setup_intents import new_setup
from config.local.stripe.shapes import Fields

PAID = ("succeeded", "requires_capture")


@dataclass(frozen=True)
class CardEntry:
    """A card form that was checked for form."""

    email: str
    number: str
    exp_month: int
    exp_year: int
    name: str
    save: bool = False


def pay(account: Account, session: Fields, *, entry: CardEntry) -> str:
    """Try this card for an open session; returns where the buyer goes: on, to the bank, or back to the page."""
    account.note(session["id"], entered={"email": entry.email, "name": entry.name})
    intent = _intent_for(account, session, entry=entry)
    method = new_method(
        account,
        number=entry.number,
        exp_month=entry.exp_month,
        exp_year=entry.exp_year,
        billing={"email": entry.email, "name": entry.name},
        redisplay="always" if entry.save else "limited" if intent.get("setup_future_usage") else "unspecified",
    )
    confirm(account, intent, method=method, return_url=session["url"])
    return _next_stop(account, session, intent)


def answer_bank(account: Account, challenge: Fields, *, outcome: Outcome) -> str:
    """The holder completed or failed an open challenge; returns where the bank sends them."""
    intent = finish_challenge(account, challenge, outcome=outcome)
    session = session_of(account, intent)
    if session:
        return _next_stop(account, session, intent)
    return way_back(intent, return_url=challenge["return_url"])


def session_of(account: Account, intent: Fields) -> Fields | None:
    """The checkout session that an intent belongs to."""
    id = account.private(intent["id"]).get("session")
    return account.find("checkout.session", id) if id else None


def success_page(session: Fields) -> str:
    """Where a buyer goes who is done."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def way_back(intent: Fields, *, return_url: str | None) -> str:
    """`return_url` with the intent and how it went, as Stripe adds them; empty where none was given."""
    if not return_url:
        return ""
    kind, done = intent["object"], intent["status"] in PAID
    added = {
        kind: intent["id"],
        f"{kind}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if done else "failed",
    }
    parts = urlsplit(return_url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *added.items()])))


def _intent_for(account: Account, session: Fields, *, entry: CardEntry) -> Fields:
    field = INTENT_FIELD[session["mode"]]
    if session[field]:
        intent = account.find(field, session[field])
    else:
        intent = _first_intent(account, session)
        session[field] = intent["id"]
    _know_customer(account, session, intent, entry=entry)
    account.put(session)
    return intent


def _first_intent(account: Account, session: Fields) -> Fields:
    private = account.private(session["id"])
    options = {name: session[name] for name in ("payment_method_options", "payment_method_types")}
    if session["customer"]:
        options["customer"] = session["customer"]
    if session["mode"] == "payment":
        asked = {"amount": session["amount_total"], "currency": session["currency"]}
        intent = new_intent(account, private["payment_intent_data"] | asked | options)
    else:
        intent = new_setup(account, private["setup_intent_data"] | options)
    account.note(intent["id"], session=session["id"])
    return intent


def _know_customer(account: Account, session: Fields, intent: Fields, *, entry: CardEntry) -> None:
    if entry.save and session["mode"] == "payment" and not intent["setup_future_usage"]:
        intent["setup_future_usage"] = "on_session"
    wanted = session["customer_creation"] == "always" or session["mode"] == "setup" or intent.get("setup_future_usage")
    if session["customer"] is None and wanted:
        session["customer"] = new_customer(account, email=entry.email, name=entry.name)["id"]
    intent["customer"] = session["customer"]


def _next_stop(account: Account, session: Fields, intent: Fields) -> str:
    if intent["status"] in PAID:
        _complete(account, session, intent)
        return success_page(session)
    if intent["next_action"]:
        return str(intent["next_action"]["redirect_to_url"]["url"])
    return str(session["url"])


def _complete(account: Account, session: Fields, intent: Fields) -> None:
    entered = account.private(session["id"])["entered"]
    session |= {"status": "complete", "url": None, "customer_details": customer_details(**entered)}
    if session["mode"] == "payment":
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    account.put(session)
    account.tell("checkout.session.completed", session)
