"""What happens when an intent is confirmed: the bank approves, declines, or asks the holder first (3-D Secure).

The API and the hosted pages call the same functions; what came of it stands in the intent.
"""

from typing import Literal

from config.local.stripe import cards
from config.local.stripe.account import Account
from config.local.stripe.resources import charges
from config.local.stripe.resources.kept_cards import attach
from config.local.stripe.shapes import Fields

AUTHENTICATION_FAILED: Fields = {
    "doc_url": "https://docs.stripe.com/error-codes/payment-intent-authentication-failure",
    "message": "We are unable to authenticate your payment method. Please choose a different payment method and try "
    "again.",
    "type": "invalid_request_error",
}
ERROR_FIELD = {"payment_intent": "last_payment_error", "setup_intent": "last_setup_error"}
Outcome = Literal["complete", "fail"]


def confirm(
    account: Account, intent: Fields, *, method: Fields, return_url: str | None, buyer_is_there: bool = True
) -> Fields:
    """Try this card for this intent; the buyer comes back to `return_url` where the bank sends them away.

    A card that wants its holder asked is declined where the buyer is not there.
    """
    _void_challenges(account, intent)
    intent |= {"payment_method": method["id"], ERROR_FIELD[intent["object"]]: None, "next_action": None}
    if not _wants_authentication(account, intent, method, buyer_is_there=buyer_is_there):
        return _ask_bank(account, intent, method, authenticated=False)
    if not buyer_is_there:
        return _declined(account, intent, method, decline="authentication_required", authenticated=False)
    return _challenge(account, intent, return_url=return_url)


def finish_challenge(account: Account, challenge: Fields, *, outcome: Outcome) -> Fields:
    """The holder has answered the bank: go on with the intent, or give the attempt up. Returns the intent."""
    account.put(challenge | {"state": outcome})
    intent = account.find(challenge["intent_kind"], challenge["intent"])
    method = account.find("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if outcome == "complete":
        return _ask_bank(account, intent, method, authenticated=True)
    code = f"{intent['object']}_authentication_failure"
    return _failed(account, intent, method, failure=AUTHENTICATION_FAILED | {"code": code}, charge=None)


def end_challenges(account: Account, intent: Fields) -> None:
    """The intent is over: the bank's page must not bring it back to life."""
    _void_challenges(account, intent)
    intent["next_action"] = None


def _wants_authentication(account: Account, intent: Fields, method: Fields, *, buyer_is_there: bool) -> bool:
    known = account.private(method["id"])
    wanted = cards.behaviour(known["number"]).authentication
    asked = (intent["payment_method_options"].get("card") or {}).get("request_three_d_secure")
    if asked in ("any", "challenge") and buyer_is_there:
        return True
    return wanted == "always" or (wanted == "unless_saved" and not known["saved_for_later"])


def _challenge(account: Account, intent: Fields, *, return_url: str | None) -> Fields:
    kind = intent["object"]
    challenge = account.add(
        {"object": "challenge", "intent": intent["id"], "intent_kind": kind, "state": "open", "return_url": return_url}
    )
    url = f"{account.settings.public_url}/3ds/{challenge['id']}"
    intent["next_action"] = {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    intent["status"] = "requires_action"
    account.note(intent["id"], challenge=challenge["id"])
    account.put(intent)
    account.tell(f"{kind}.requires_action", intent)
    return intent


def _void_challenges(account: Account, intent: Fields) -> None:
    id = account.private(intent["id"]).get("challenge")
    if id:
        challenge = account.find("challenge", id)
        if challenge["state"] == "open":
            account.put(challenge | {"state": "void"})


def _ask_bank(account: Account, intent: Fields, method: Fields, *, authenticated: bool) -> Fields:
    card = cards.behaviour(account.private(method["id"])["number"])
    if intent["object"] == "setup_intent":
        if card.decline and card.decline_when_saving:
            return _declined(account, intent, method, decline=card.decline, authenticated=authenticated)
        return _set_up(account, intent, method)
    if card.decline:
        return _declined(account, intent, method, decline=card.decline, authenticated=authenticated)
    return _charged(account, intent, method, authenticated=authenticated)


def _charged(account: Account, intent: Fields, method: Fields, *, authenticated: bool) -> Fields:
    charge = charges.new_charge(account, intent=intent, method=method, authenticated=authenticated)
    intent["latest_charge"] = charge["id"]
    if intent["setup_future_usage"] and intent["customer"]:
        _save_for_later(account, method, customer=intent["customer"])
    if charge["captured"]:
        intent |= {"status": "succeeded", "amount_received": charge["amount_captured"]}
        event = "payment_intent.succeeded"
    else:
        intent |= {"status": "requires_capture", "amount_capturable": charge["amount"]}
        event = "payment_intent.amount_capturable_updated"
    account.put(intent)
    account.tell(event, intent)
    return intent


def _set_up(account: Account, intent: Fields, method: Fields) -> Fields:
    if intent["customer"]:
        _save_for_later(account, method, customer=intent["customer"])
    intent["status"] = "succeeded"
    account.put(intent)
    account.tell("setup_intent.succeeded", intent)
    return intent


def _save_for_later(account: Account, method: Fields, *, customer: str) -> None:
    attach(account, method, customer=customer)
    account.note(method["id"], saved_for_later=True)


def _declined(account: Account, intent: Fields, method: Fields, *, decline: str, authenticated: bool) -> Fields:
    charge = None
    if intent["object"] == "payment_intent":
        charge = charges.failed_charge(
            account, intent=intent, method=method, decline=decline, authenticated=authenticated
        )["id"]
    return _failed(account, intent, method, failure=cards.failure(decline=decline), charge=charge)


def _failed(account: Account, intent: Fields, method: Fields, *, failure: Fields, charge: str | None) -> Fields:
    error = failure | {"payment_method": method} | ({"charge": charge} if charge else {})
    intent |= {"status": "requires_payment_method", "payment_method": None, ERROR_FIELD[intent["object"]]: error}
    if charge:
        intent["latest_charge"] = charge
    account.put(intent)
    told = "payment_intent.payment_failed" if intent["object"] == "payment_intent" else "setup_intent.setup_failed"
    account.tell(told, intent)
    return intent
