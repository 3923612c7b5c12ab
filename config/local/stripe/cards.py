"""Test cards: what each number, and each ready-made payment method, does when it is charged."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from config.local.stripe.shapes import Fields

Authentication = Literal["never", "unless_saved", "always"]
Refunding = Literal["succeeds", "succeeds_later", "fails_later"]
DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "fraudulent": ("card_declined", "Your card was declined."),
    "test_mode_live_card": (
        "card_declined",
        "Your card was declined. Your request was in test mode, but used a non test (live) card.",
    ),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
}
WITHOUT_DECLINE_CODE = ("expired_card", "incorrect_cvc", "processing_error")


@dataclass(frozen=True)
class TestCard:
    """How a number behaves: what the bank says, whether it asks the holder, what becomes of refunds."""

    __test__ = False
    number: str
    decline: str | None = None
    authentication: Authentication = "never"
    decline_when_saving: bool = True
    refund: Refunding = "succeeds"


_CARDS = (
    TestCard("4242424242424242"),
    TestCard("4000056655665556"),
    TestCard("5555555555554444"),
    TestCard("5200828282828210"),
    TestCard("378282246310005"),
    TestCard("6011111111111117"),
    TestCard("4000002760000016"),
    TestCard("4000000000007726", refund="succeeds_later"),
    TestCard("4000000000005126", refund="fails_later"),
    TestCard("4000000000000002", decline="generic_decline"),
    TestCard("4000000000009995", decline="insufficient_funds"),
    TestCard("4000000000009987", decline="lost_card"),
    TestCard("4000000000009979", decline="stolen_card"),
    TestCard("4100000000000019", decline="fraudulent"),
    TestCard("4000000000000069", decline="expired_card"),
    TestCard("4000000000000127", decline="incorrect_cvc"),
    TestCard("4000000000000119", decline="processing_error"),
    TestCard("4000000000000341", decline="generic_decline", decline_when_saving=False),
    TestCard("4000002500003155", authentication="unless_saved"),
    TestCard("4000002760003184", authentication="always"),
    TestCard("4000000000003220", authentication="always"),
    TestCard("4000008400001629", authentication="always", decline="generic_decline"),
    TestCard("4000008260003178", authentication="always", decline="insufficient_funds"),
)
CARDS = {card.number: card for card in _CARDS}
# A card each for simulated people, as real ones have: a shop counts what one card buys. Stripe has no such range.
OWN_CARDS: dict[str, Authentication] = {"424242010": "never", "424242023": "always"}
READY_MADE = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_threeDSecureRequiredChargeDeclined": "4000008400001629",
}


def behaviour(number: str) -> TestCard:
    """How this number behaves; one that is no test card is declined as a live card."""
    asked = OWN_CARDS.get(number[:9]) if len(number) == 16 else None
    own = TestCard(number, authentication=asked) if asked else None
    return CARDS.get(number) or own or TestCard(number, decline="test_mode_live_card")


def own_card(person: int, *, asks_bank: bool = False) -> str:
    """A good card that nobody else has, for simulated person 0 to 999,999; the bank of some asks each time."""
    first = "424242023" if asks_bank else "424242010"
    return next(number for last in range(10) if is_card_number(number := f"{first}{person % 10**6:06}{last}"))


def is_card_number(number: str) -> bool:
    """Whether the digits could be a card: length and Luhn's checksum (ISO/IEC 7812-1)."""
    if not (number.isascii() and number.isdecimal() and 13 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def brand(number: str) -> str:
    """The network by leading digits."""
    if number.startswith("4"):
        return "visa"
    if number[:2] in ("34", "37"):
        return "amex"
    if number[:2] in ("51", "52", "53", "54", "55") or "2221" <= number[:4] <= "2720":
        return "mastercard"
    return "discover" if number.startswith("6") else "unknown"


def fingerprint(number: str) -> str:
    """The same sixteen letters for the same number, always."""
    return hashlib.sha256(f"sandbox card {number}".encode()).hexdigest()[:16]


def card_fields(*, number: str, exp_month: int, exp_year: int) -> Fields:
    """The `card` part of a payment method."""
    return {
        "brand": brand(number),
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": brand(number),
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": fingerprint(number),
        "funding": "debit" if number == "4000056655665556" else "credit",
        "generated_from": None,
        "last4": number[-4:],
        "networks": {"available": [brand(number)], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def failure(*, decline: str) -> Fields:
    """What a decline tells: code, decline code and sentence, as in `last_payment_error`."""
    code, message = DECLINES[decline]
    fields: Fields = {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}",
        "message": message,
        "type": "card_error",
    }
    return fields if decline in WITHOUT_DECLINE_CODE else fields | {"decline_code": decline}
