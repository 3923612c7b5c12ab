"""Ids as Stripe writes them: a prefix that tells the kind, then letters and digits nobody can guess."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
PREFIXES = {
    "balance_transaction": "txn_",
    "challenge": "payatt_",
    "charge": "ch_",
    "checkout.session": "cs_test_",
    "customer": "cus_",
    "event": "evt_",
    "item": "li_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "price": "price_",
    "product": "prod_",
    "refund": "re_",
    "request": "req_",
    "setup_intent": "seti_",
    "webhook_endpoint": "we_",
}
LENGTHS = {"customer": 14, "product": 14, "request": 14, "checkout.session": 58}


def token(length: int) -> str:
    """Random letters and digits."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(length))


def new_id(kind: str) -> str:
    """A fresh id for an object of this kind."""
    return PREFIXES[kind] + token(LENGTHS.get(kind, 24))


def client_secret(id: str) -> str:
    """The secret that goes with an intent's id."""
    return f"{id}_secret_{token(25)}"
