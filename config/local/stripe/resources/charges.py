"""Charges: one attempt of an intent to take money from a card, and what came of it."""

from config.local.stripe import cards
from config.local.stripe.account import Account
from config.local.stripe.endpoints import Call, Endpoint
from config.local.stripe.ids import token
from config.local.stripe.lists import page
from config.local.stripe.params import RETRIEVE, WITHIN, Text, listing
from config.local.stripe.resources import balance
from config.local.stripe.shapes import Fields

AUTHORISED_FOR_S = 7 * 24 * 3600


def new_charge(account: Account, *, intent: Fields, method: Fields, authenticated: bool) -> Fields:
    """Keep an approved charge: captured at once, or only authorised where the intent captures by hand."""
    by_hand = intent["capture_method"] == "manual"
    charge = _of(intent, method) | {"outcome": _approved(), "paid": True, "status": "succeeded"}
    charge["payment_method_details"] = _details(account, intent, method, authenticated=authenticated)
    account.add(charge)
    charge["receipt_url"] = f"{account.settings.public_url}/receipts/{charge['id']}"
    if not by_hand:
        _take(account, charge, amount=charge["amount"])
    account.put(charge)
    account.tell("charge.succeeded", charge)
    return charge


def failed_charge(account: Account, *, intent: Fields, method: Fields, decline: str, authenticated: bool) -> Fields:
    """Keep a declined charge and tell `charge.failed`."""
    failure = cards.failure(decline=decline)
    charge = _of(intent, method) | {
        "failure_code": failure["code"],
        "failure_message": failure["message"],
        "outcome": _declined(decline),
        "paid": False,
        "status": "failed",
    }
    charge["payment_method_details"] = _details(account, intent, method, authenticated=authenticated)
    account.add(charge)
    account.tell("charge.failed", charge)
    return charge


def capture(account: Account, charge: Fields, *, amount: int) -> None:
    """Take an authorised amount, or part of it; the rest is released as a refund would be. Tells `charge.captured`."""
    _take(account, charge, amount=amount)
    charge["amount_refunded"] = charge["amount"] - amount
    account.put(charge)
    account.tell("charge.captured", charge)


def release(account: Account, charge: Fields) -> None:
    """Let an authorisation go: the whole amount is refunded without ever having been taken."""
    charge |= {"amount_refunded": charge["amount"], "refunded": True}
    account.put(charge)
    account.tell("charge.refunded", charge, previous={"amount_refunded": 0, "refunded": False})


def refunds_of(account: Account, charge: Fields) -> Fields:
    """The list that `expand[]=refunds` opens: the ten newest."""
    url = f"/v1/charges/{charge['id']}/refunds"
    return page(Call(account=account, params={}, path=url), "refund", charge=charge["id"])


def _take(account: Account, charge: Fields, *, amount: int) -> None:
    charge |= {"captured": True, "amount_captured": amount}
    charge["balance_transaction"] = balance.book_charge(account, charge)


def _of(intent: Fields, method: Fields) -> Fields:
    copied = ("amount", "currency", "customer", "description", "receipt_email", "shipping", "statement_descriptor")
    also_copied = ("statement_descriptor_suffix", "transfer_group")
    return {
        "object": "charge",
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "STAGEDOOR",
        "captured": False,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "source_transfer": None,
        "transfer_data": None,
    } | {name: intent[name] for name in copied + also_copied}


def _details(account: Account, intent: Fields, method: Fields, *, authenticated: bool) -> Fields:
    shown = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "regulated_status",
    )
    card: Fields = {name: method["card"][name] for name in shown}
    card |= {
        "amount_authorized": intent["amount"],
        "authorization_code": f"{int(token(6), 36) % 1_000_000:06d}",
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": f"{int(token(10), 36) % 10**15:015d}",
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": _three_d_secure() if authenticated else None,
        "transaction_link_id": None,
        "wallet": None,
    }
    if intent["capture_method"] == "manual":
        card["capture_before"] = account.now() + AUTHORISED_FOR_S
    return {"card": card, "type": "card"}


def _three_d_secure() -> Fields:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": token(28),
        "version": "2.2.0",
    }


def _approved() -> Fields:
    return _outcome(network_status="approved_by_network", type="authorized", seller_message="Payment complete.")


def _declined(decline: str) -> Fields:
    told = "The bank did not return any further details with this decline."
    return _outcome(network_status="declined_by_network", type="issuer_declined", seller_message=told) | {
        "reason": decline
    }


def _outcome(*, network_status: str, type: str, seller_message: str) -> Fields:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network_status,
        "reason": None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": seller_message,
        "type": type,
    }


def _retrieve(call: Call) -> Fields:
    return call.account.find("charge", call.ids["charge"])


def _list(call: Call) -> Fields:
    filters = {name: call.params.get(name) for name in ("customer", "payment_intent", "transfer_group")}
    return page(call, "charge", **filters)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/charges",
        _list,
        listing(customer=Text(), payment_intent=Text(), transfer_group=Text(), created=WITHIN),
    ),
    Endpoint("GET", "/v1/charges/{charge}", _retrieve, RETRIEVE),
)
