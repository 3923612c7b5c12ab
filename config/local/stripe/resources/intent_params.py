"""Parameters that payment intents, setup intents and checkout sessions share."""

from config.local.stripe.errors import InvalidParameter, card_error, unexpected_state
from config.local.stripe.params import Array, Boolean, Shape, Text
from config.local.stripe.shapes import Fields

CAPTURE_METHOD = Text(choices=("automatic", "automatic_async", "manual"))
FUTURE_USAGE = Text(choices=("off_session", "on_session"))
METHOD_TYPES = Array(Text(choices=("card",)))
THREE_D_SECURE = Text(choices=("any", "automatic", "challenge"))
CARD_OPTIONS = Shape({"card": Shape({"request_three_d_secure": THREE_D_SECURE})})
AUTOMATIC_METHODS = Shape({"enabled": Boolean(), "allow_redirects": Text(choices=("always", "never"))}, ("enabled",))
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def card_options(given: Fields | None) -> Fields:
    """`payment_method_options` of a card, as intents show them."""
    card = {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
    return {"card": card | ((given or {}).get("card") or {})}


def check_confirmable(intent: Fields) -> None:
    """Raises ApiError 400 where the intent's state has no way to a confirmation."""
    if intent["status"] not in CONFIRMABLE:
        name = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
        message = f"You cannot confirm this {name} because it has already succeeded or ended: {intent['status']}."
        raise unexpected_state(intent=intent, message=message)


def refuse_if_declined(intent: Fields) -> Fields:
    """The intent, or ApiError 402 with it where the last attempt was declined."""
    failure = intent.get("last_payment_error") or intent.get("last_setup_error")
    if intent["status"] == "requires_payment_method" and failure:
        raise card_error(failure=failure, intent=intent)
    return intent


def check_owner(intent: Fields, method: Fields) -> None:
    """Raises InvalidParameter where a saved card is used for somebody other than the customer it belongs to."""
    if method["customer"] and method["customer"] != intent["customer"]:
        told = "Please include the Customer in the customer parameter of the intent."
        if intent["customer"]:
            told = f"The PaymentMethod {method['id']} does not belong to the Customer {intent['customer']}."
        raise InvalidParameter(
            f"The provided PaymentMethod cannot be attached. It belongs to a Customer. {told}", param="payment_method"
        )
