"""Cards as the sandbox keeps them: made from a number, found by id, saved for a customer."""

from datetime import UTC, datetime

from config.local.stripe import cards
from config.local.stripe.account import Account
from config.local.stripe.errors import ApiError, card_error
from config.local.stripe.ids import new_id
from config.local.stripe.resources.customers import whole_address
from config.local.stripe.shapes import Fields


def new_method(
    account: Account,
    *,
    number: str,
    exp_month: int,
    exp_year: int,
    billing: Fields | None = None,
    redisplay: str = "unspecified",
    id: str | None = None,
) -> Fields:
    """Keep a card that was checked for form; what the bank thinks of it shows when it is charged."""
    card = cards.card_fields(number=number, exp_month=exp_month, exp_year=exp_year)
    method = {
        "id": id or new_id("payment_method"),
        "object": "payment_method",
        "allow_redisplay": redisplay,
        "billing_details": billing_details(billing),
        "card": card,
        "customer": None,
        "customer_account": None,
        "metadata": {},
        "type": "card",
    }
    return account.add(method, private={"number": number, "saved_for_later": False})


def billing_details(given: Fields | None) -> Fields:
    """Billing details with every field present."""
    details = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None} | (given or {})
    return details | {"address": whole_address(details["address"])}


def usable_method(account: Account, id: str, *, param: str = "payment_method") -> Fields:
    """The card that a parameter names; a ready-made name such as `pm_card_visa` makes a fresh one.

    Raises ApiError 400 where there is none.
    """
    if id not in cards.READY_MADE:
        return account.named("payment_method", id, param=param)
    next_year = datetime.fromtimestamp(account.now(), UTC).year + 1
    return new_method(account, number=cards.READY_MADE[id], exp_month=12, exp_year=next_year)


def attach(account: Account, method: Fields, *, customer: str) -> Fields:
    """Save a card for a customer and tell `payment_method.attached`; nothing happens where it is already theirs.

    Raises ApiError 400 where it is somebody else's or was used up, 402 where the bank refuses to have it saved.
    """
    if method["customer"] == customer:
        return method
    if method["customer"] is not None or account.private(method["id"]).get("detached"):
        raise ApiError(
            status=400,
            message="This PaymentMethod was previously used with a different customer or was detached from a Customer, "
            "and may not be used again.",
        )
    method["customer"] = customer
    account.put(method)
    account.tell("payment_method.attached", method)
    return method


def refuse_to_save(account: Account, method: Fields) -> None:
    """Raises ApiError 402 where the bank declines a card as soon as it is saved."""
    card = cards.behaviour(account.private(method["id"])["number"])
    if card.decline and card.decline_when_saving and card.authentication == "never":
        raise card_error(failure=cards.failure(decline=card.decline))
