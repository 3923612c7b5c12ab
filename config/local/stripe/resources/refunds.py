"""Refunds: money back for a captured charge, in parts or whole."""

import json

from config.local.stripe import cards
from config.local.stripe.account import Account
from config.local.stripe.endpoints import Call, Endpoint, takes
from config.local.stripe.errors import ApiError, InvalidParameter, missing_parameter
from config.local.stripe.ids import token
from config.local.stripe.lists import page
from config.local.stripe.params import RETRIEVE, WITHIN, Integer, Metadata, Text, listing, merge_metadata
from config.local.stripe.resources import balance
from config.local.stripe.shapes import Fields

BANK_TAKES_S = 2
REASON = Text(choices=("duplicate", "fraudulent", "requested_by_customer"))


def _create(call: Call) -> Fields:
    params, account = call.params, call.account
    charge = _charge_to_refund(account, params)
    left = charge["amount_captured"] - _refunded(charge)
    amount = params.get("amount", left)
    _check_amount(charge, amount=amount, left=left)
    refund = account.add(_blank(charge, amount=amount, params=params))
    _await_bank(account, refund)
    refund["balance_transaction"] = balance.book_refund(account, refund)
    account.put(refund)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    account.put(charge)
    account.tell("refund.created", refund)
    account.tell("charge.refunded", charge, previous=before)
    return refund


def _await_bank(account: Account, refund: Fields) -> None:
    """Some cards' banks take their time: the refund is pending, or succeeds and is sent back later."""
    outcome = cards.behaviour(account.private(refund["payment_method"])["number"]).refund
    if outcome == "succeeds_later":
        refund |= {"status": "pending", "pending_reason": "processing"}
    if outcome != "succeeds":
        account.note(refund["id"], outcome=outcome, settles_at=account.now() + BANK_TAKES_S)


def settle_due(account: Account) -> None:
    """Let every refund whose bank has taken its time succeed or fail."""
    rows = account.store.rows(
        "SELECT body, private ->> '$.outcome' FROM object WHERE kind = 'refund' AND private ->> '$.settles_at' <= ?",
        (account.now(),),
    )
    for body, outcome in rows:
        with account.change():
            refund = json.loads(body)
            account.note(refund["id"], settles_at=None)
            if outcome == "fails_later":
                _fail(account, refund)
            else:
                refund.pop("pending_reason")
                account.put(refund | {"status": "succeeded"})
                account.tell("refund.updated", refund | {"status": "succeeded"}, previous={"status": "pending"})


def _fail(account: Account, refund: Fields) -> None:
    """The bank sends the money back: it is in the balance again, and the charge counts as not refunded by it."""
    before = {"status": refund["status"]}
    booked = balance.book_refund_failure(account, refund)
    refund |= {"status": "failed", "failure_reason": "unknown", "failure_balance_transaction": booked}
    account.put(refund)
    charge = account.find("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    account.put(charge | {"refunded": False})
    account.tell("refund.failed", refund)
    account.tell("refund.updated", refund, previous=before)


def _charge_to_refund(account: Account, params: Fields) -> Fields:
    if "charge" in params:
        return account.named("charge", params["charge"], param="charge")
    if "payment_intent" not in params:
        raise InvalidParameter(
            "One of the following params should be provided for this request: payment_intent or charge.",
            param="payment_intent",
            code="parameter_missing",
        )
    intent = account.named("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            status=400,
            message=f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return account.named("charge", intent["latest_charge"], param="payment_intent")


def _refunded(charge: Fields) -> int:
    """What was given back of what was taken; a released part of an authorisation was never taken."""
    never_taken = int(charge["amount"] - charge["amount_captured"])
    return int(charge["amount_refunded"]) - never_taken


def _check_amount(charge: Fields, *, amount: int, left: int) -> None:
    if not charge["captured"]:
        message = f"Charge {charge['id']} has not been captured; cancel its PaymentIntent instead."
        raise ApiError(status=400, message=message, code="charge_not_refundable", param="charge")
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(status=400, message=message, code="charge_already_refunded", charge=charge["id"])
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise InvalidParameter(message, param="amount")


def _blank(charge: Fields, *, amount: int, params: Fields) -> Fields:
    reference = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {"card": reference, "type": "card"},
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": f"{int(token(4), 36) % 10_000:04d}-{int(token(4), 36) % 10_000:04d}",
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _retrieve(call: Call) -> Fields:
    return call.account.find("refund", call.ids["refund"])


def _update(call: Call) -> Fields:
    refund = _retrieve(call)
    if "metadata" not in call.params:
        raise missing_parameter(param="metadata")
    before = {"metadata": refund["metadata"]}
    refund["metadata"] = merge_metadata(old=refund["metadata"], new=call.params["metadata"])
    call.account.put(refund)
    call.account.tell("refund.updated", refund, previous=before)
    return refund


def _cancel(call: Call) -> Fields:
    refund = _retrieve(call)
    message = f"You can't cancel this refund because it has a status of {refund['status']}. "
    raise ApiError(status=400, message=message + "Only refunds with a status of requires_action can be canceled.")


def _list(call: Call) -> Fields:
    return page(call, "refund", **{name: call.params.get(name) for name in ("charge", "payment_intent")})


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/refunds",
        _create,
        takes(charge=Text(), payment_intent=Text(), amount=Integer(least=1), reason=REASON, metadata=Metadata()),
    ),
    Endpoint("GET", "/v1/refunds", _list, listing(charge=Text(), payment_intent=Text(), created=WITHIN)),
    Endpoint("GET", "/v1/refunds/{refund}", _retrieve, RETRIEVE),
    Endpoint("POST", "/v1/refunds/{refund}", _update, takes(metadata=Metadata())),
    Endpoint("POST", "/v1/refunds/{refund}/cancel", _cancel, takes()),
)
