"""The balance, and the transactions it is the sum of: each capture with its fee, each refund."""

import json

from config.local.stripe.account import Account
from config.local.stripe.endpoints import Call, Endpoint
from config.local.stripe.lists import page
from config.local.stripe.params import RETRIEVE, WITHIN, Currency, Text, listing
from config.local.stripe.shapes import Fields

FEE_PER_TEN_THOUSAND, FEE_FIXED = 290, 30


def book_charge(account: Account, charge: Fields) -> str:
    """Book what was captured of a charge, less Stripe's fee of 2.9 % + 30; returns the transaction's id."""
    amount = charge["amount_captured"]
    fee = (amount * FEE_PER_TEN_THOUSAND + 5_000) // 10_000 + FEE_FIXED
    return _book(account, source=charge, type="charge", amount=amount, fee=fee)


def book_refund(account: Account, refund: Fields) -> str:
    """Book a refund, for which the fee is not given back; returns the transaction's id."""
    return _book(account, source=refund, type="refund", amount=-refund["amount"], fee=0)


def book_refund_failure(account: Account, refund: Fields) -> str:
    """Book the money of a failed refund as ours again; returns the transaction's id."""
    return _book(account, source=refund, type="refund_failure", amount=refund["amount"], fee=0)


def _book(account: Account, *, source: Fields, type: str, amount: int, fee: int) -> str:
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": source["currency"],
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    transaction = account.add(
        {
            "object": "balance_transaction",
            "amount": amount,
            "available_on": account.now(),
            "balance_type": "payments",
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": type,
            "source": source["id"],
            "status": "available",
            "type": type,
        }
    )
    return str(transaction["id"])


def _balance(call: Call) -> Fields:
    sums: dict[str, int] = {}
    for (body,) in call.account.store.rows("SELECT body FROM object WHERE kind = 'balance_transaction'"):
        transaction = json.loads(body)
        sums[transaction["currency"]] = sums.get(transaction["currency"], 0) + transaction["net"]
    nothing = [_fund(currency, 0) for currency in sums] or [_fund("usd", 0)]
    available = [_fund(currency, amount) for currency, amount in sums.items()] or nothing
    return {"object": "balance", "available": available, "livemode": False, "pending": nothing}


def _fund(currency: str, amount: int) -> Fields:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _retrieve(call: Call) -> Fields:
    return call.account.find("balance_transaction", call.ids["id"])


def _list(call: Call) -> Fields:
    filters = {name: call.params.get(name) for name in ("currency", "source", "type")}
    return page(call, "balance_transaction", **filters)


ENDPOINTS = (
    Endpoint("GET", "/v1/balance", _balance, RETRIEVE),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        _list,
        listing(currency=Currency(), source=Text(), type=Text(), created=WITHIN),
    ),
    Endpoint("GET", "/v1/balance_transactions/{id}", _retrieve, RETRIEVE),
)
