"""The card form: what was typed, read and checked field by field."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

from config.local.stripe.cards import brand, is_card_number
from config.local.stripe.paying import CardEntry

NAMES = ("email", "card_number", "card_expiry", "card_cvc", "card_name")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EXPIRY = re.compile(r"(\d{1,2})\s*/?\s*(\d{2}|\d{4})")


@dataclass(frozen=True)
class CardForm:
    """The texts as typed."""

    typed: dict[str, str]
    save: bool = False

    @classmethod
    def read(cls, body: str) -> "CardForm":
        """From a form-encoded body; what was not sent is empty."""
        sent = {name: values[-1].strip()[:200] for name, values in parse_qs(body).items()}
        return cls(typed={name: sent.get(name, "") for name in NAMES}, save="save_card" in sent)

    def errors(self, *, at: int) -> dict[str, str]:
        """What is wrong, by field, at this instant (epoch seconds)."""
        checks = {
            "email": self._email_error(),
            "card_number": self._number_error(),
            "card_expiry": self._expiry_error(at=at),
            "card_cvc": self._cvc_error(),
            "card_name": "" if self.typed["card_name"] else "Enter the name on the card.",
        }
        return {name: error for name, error in checks.items() if error}

    def entry(self) -> CardEntry:
        """The card, for a form without errors."""
        month, year = self._expiry() or (0, 0)
        return CardEntry(
            email=self.typed["email"],
            number=self._number(),
            exp_month=month,
            exp_year=year,
            name=self.typed["card_name"],
            save=self.save,
        )

    def _number(self) -> str:
        return re.sub(r"[\s-]", "", self.typed["card_number"])

    def _expiry(self) -> tuple[int, int] | None:
        found = _EXPIRY.fullmatch(self.typed["card_expiry"])
        if not found or not 1 <= int(found[1]) <= 12:
            return None
        return int(found[1]), int(found[2]) if len(found[2]) == 4 else 2000 + int(found[2])

    def _email_error(self) -> str:
        if not self.typed["email"]:
            return "Enter your email."
        return "" if _EMAIL.fullmatch(self.typed["email"]) else "Your email is incomplete."

    def _number_error(self) -> str:
        if not self._number():
            return "Enter your card number."
        return "" if is_card_number(self._number()) else "Your card number is invalid."

    def _expiry_error(self, *, at: int) -> str:
        expiry = self._expiry()
        if expiry is None:
            return "Enter month and year, such as 08 / 30."
        today = datetime.fromtimestamp(at, UTC)
        if (expiry[1], expiry[0]) < (today.year, today.month):
            return "Your card's expiration date is in the past."
        return "" if expiry[1] <= today.year + 50 else "Your card's expiration year is invalid."

    def _cvc_error(self) -> str:
        wanted = 4 if brand(self._number()) == "amex" else 3
        cvc = self.typed["card_cvc"]
        return "" if cvc.isdecimal() and len(cvc) == wanted else f"Enter the {wanted}-digit security code."
