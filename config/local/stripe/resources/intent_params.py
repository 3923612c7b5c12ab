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


def choose_method_types(intent: Fields, params: Fields) -> None:
    """Cards named outright, or whatever the account accepts, redirects included: which is what nothing said means.

    Raises InvalidParameter where both were asked for.
    """
    if "automatic_payment_methods" in params and "payment_method_types" in params:
        message = "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        raise InvalidParameter(message, param="payment_method_types")
    if "payment_method_types" not in params:
        chosen = params.get("automatic_payment_methods", {"enabled": True})
        intent["automatic_payment_methods"] = {"allow_redirects": "always"} | chosen


def check_return_url(intent: Fields, *, return_url: str | None) -> None:
    """Raises InvalidParameter where the buyer may be sent away and nobody said where to come back to."""
    automatic = intent["automatic_payment_methods"] or {}
    if automatic.get("enabled") and automatic["allow_redirects"] == "always" and return_url is None:
        raise InvalidParameter(
            "This intent is configured to accept payment methods enabled in your Dashboard. Because some of these "
            "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you "
            "don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` "
            "and `automatic_payment_methods[allow_redirects]` to `never`, or name the `payment_method_types`.",
            param="return_url",
        )


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
