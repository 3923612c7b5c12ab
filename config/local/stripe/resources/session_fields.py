"""A checkout session before anything was paid: what was asked for, and everything that was not."""

from config.local.stripe.account import Account
from config.local.stripe.ids import new_id
from config.local.stripe.resources.customers import whole_address
from config.local.stripe.shapes import Fields

LONGEST_S = 24 * 3600
INTENT_FIELD = {"payment": "payment_intent", "setup": "setup_intent"}
AS_ASKED = ("cancel_url", "client_reference_id", "currency", "customer", "customer_email", "locale", "submit_type")
NEVER_USED = (
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer_account",
    "integration_identifier",
    "invoice",
    "invoice_creation",
    "managed_payments",
    "optional_items",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
)
"""What is null in a new session, and mostly stays so: the sandbox has no parameter for it."""


def blank_session(account: Account, params: Fields) -> Fields:
    """An open session as these parameters ask for it, without its amounts."""
    id, now = new_id("checkout.session"), account.now()
    session: Fields = dict.fromkeys(NEVER_USED) | {name: params.get(name) for name in AS_ASKED}
    return (
        session
        | _of_mode(params["mode"])
        | _settings(account, params)
        | {
            "id": id,
            "object": "checkout.session",
            "created": now,
            "expires_at": params.get("expires_at", now + LONGEST_S),
            "metadata": params.get("metadata") or {},
            "status": "open",
            "success_url": params["success_url"],
            "ui_mode": "hosted_page",
            "url": f"{account.settings.public_url}/c/pay/{id}",
        }
    )


def _of_mode(mode: str) -> Fields:
    paying = mode == "payment"
    return {
        "adaptive_pricing": {"enabled": False} if paying else None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "discounts": [] if paying else None,
        "mode": mode,
        "payment_method_collection": "if_required" if paying else "always",
        "payment_status": "unpaid" if paying else "no_payment_required",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
    }


def _settings(account: Account, params: Fields) -> Fields:
    email, card = params.get("customer_email"), (params.get("payment_method_options") or {}).get("card") or {}
    if "customer" in params:
        email = account.find("customer", params["customer"])["email"]
    creation = "if_required" if params["mode"] == "payment" and "customer" not in params else None
    return {
        "customer_creation": params.get("customer_creation", creation),
        "customer_details": customer_details(email=email, name=None) if email else None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"} | card},
        "payment_method_types": params.get("payment_method_types", ["card"]),
        "saved_payment_method_options": _save_options(params),
    }


def _save_options(params: Fields) -> Fields | None:
    asked = params.get("saved_payment_method_options")
    if asked is None:
        return None
    saving = asked.get("payment_method_save", "disabled")
    return {"allow_redisplay_filters": ["always"], "payment_method_remove": "disabled", "payment_method_save": saving}


def customer_details(*, email: str | None, name: str | None) -> Fields:
    """What the buyer typed, as the session shows it."""
    return {
        "address": whole_address(None),
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
