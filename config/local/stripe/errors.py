"""Stripe's error objects: what a refused request is told, and with which status."""

from typing import Any

from config.local.stripe.shapes import Fields


class ApiError(Exception):
    """A refusal in Stripe's words. `keeps_changes` says whether what was written before it stays written."""

    def __init__(self, *, status: int, message: str, type: str = "invalid_request_error", **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = {}
        self.keeps_changes = False
        self.fields: Fields = {"message": message, "type": type} | {k: v for k, v in details.items() if v is not None}

    @property
    def body(self) -> Fields:
        """The JSON document that the client gets."""
        return {"error": self.fields}


class InvalidParameter(ApiError):
    """A parameter that is unknown, missing or malformed: nothing was executed, and idempotency forgets the request."""

    def __init__(self, message: str, *, param: str, code: str | None = None) -> None:
        super().__init__(status=400, message=message, param=param, code=code)


def unknown_parameter(*, param: str) -> InvalidParameter:
    """A name that this endpoint does not take."""
    return InvalidParameter(f"Received unknown parameter: {param}", param=param, code="parameter_unknown")


def missing_parameter(*, param: str) -> InvalidParameter:
    """A name that this endpoint cannot do without."""
    return InvalidParameter(f"Missing required param: {param}.", param=param, code="parameter_missing")


def no_such(*, kind: str, id: str, param: str, status: int = 404) -> ApiError:
    """404 for an id in the address, 400 for one in a parameter."""
    words = kind.replace("_", " ").replace(".", " ")
    return ApiError(status=status, message=f"No such {words}: '{id}'", code="resource_missing", param=param)


def unexpected_state(*, intent: Fields, message: str) -> ApiError:
    """400: the intent is in a state in which this cannot be done; the error carries the intent."""
    kind = str(intent["object"])
    carried: Fields = {kind: intent}
    return ApiError(status=400, message=message, code=f"{kind}_unexpected_state", **carried)


def card_error(*, failure: Fields, intent: Fields | None = None) -> ApiError:
    """402: the bank said no. What it changed (a failed charge, the intent's last error) stays."""
    details: Fields = {key: value for key, value in failure.items() if key not in ("message", "type")}
    if intent:
        details[intent["object"]] = intent
    error = ApiError(status=402, message=failure["message"], type=failure["type"], **details)
    error.keeps_changes = True
    return error


def unauthorized(*, message: str) -> ApiError:
    """401: no key, or not ours."""
    return ApiError(status=401, message=message)


def unrecognized_url(*, method: str, path: str) -> ApiError:
    """404: no such endpoint in the sandbox."""
    return ApiError(
        status=404, message=f"Unrecognized request URL ({method}: {path}). The sandbox has no such endpoint."
    )


def rate_limited(*, reason: str) -> ApiError:
    """429, with the header that says which limit it was: `global-rate` or `endpoint-rate`."""
    error = ApiError(
        status=429,
        message="Request rate limit exceeded. You can learn more about rate limits here "
        "https://docs.stripe.com/rate-limits.",
        code="rate_limit",
    )
    error.headers["Stripe-Rate-Limited-Reason"] = reason
    return error


def outage() -> ApiError:
    """500: what Stripe answers when it cannot say what happened."""
    message = "Sorry! There was an error while talking to one of our backends. Support has been notified."
    return ApiError(status=500, message=message, type="api_error")


def hung_up() -> ApiError:
    """504, for a client more patient than the time-out that was ordered."""
    return ApiError(status=504, message="The sandbox was told to time out.", type="api_error")
