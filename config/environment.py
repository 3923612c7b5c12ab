"""What the house reads from its surroundings: one table, checked as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

REQUIRED = object()


@dataclass(frozen=True)
class Variable:
    """One variable: its name, how it is read, its value when absent, and what a person should know."""

    name: str
    read: Callable[[str], Any]
    default: Any
    meaning: str


def secret(text: str) -> str:
    """At least 32 characters."""
    if len(text) < 32:
        raise ValueError("needs at least 32 characters")
    return text


def origin(text: str) -> str:
    """A scheme and a host, without a path: https://shop.example."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("needs to look like https://shop.example")
    return text.rstrip("/")


def database(text: str) -> dict[str, Any]:
    """postgres://user:password@host:port/name."""
    if not text.startswith(("postgres://", "postgresql://")):
        raise ValueError("needs to look like postgres://user:password@host:5432/name")
    return dict(environ.Env.db_url_config(text))


def redis(text: str) -> str:
    """redis://host:port/number."""
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("needs to look like redis://host:6379/0")
    return text


def stripe_key(text: str) -> str:
    """A secret or restricted key, sk_… or rk_…."""
    if not text.startswith(("sk_", "rk_")):
        raise ValueError("needs to be a secret key (sk_…) or a restricted key (rk_…)")
    return text


def webhook_secret(text: str) -> str:
    """A signing secret, whsec_…."""
    if not text.startswith("whsec_"):
        raise ValueError("needs to be a signing secret (whsec_…)")
    return text


def email(text: str) -> dict[str, Any]:
    """smtp+tls://user:password@host:587, filemail:///folder or consolemail://."""
    return dict(environ.Env.email_url_config(text))


def seconds(text: str) -> int:
    """A whole number of seconds, one or more."""
    if int(text) < 1:
        raise ValueError("needs to be one second or more")
    return int(text)


def port(text: str) -> int:
    """0 (none) to 65535."""
    if not 0 <= int(text) <= 65_535:
        raise ValueError("needs to be a port, 0 to 65535")
    return int(text)


def yes_or_no(text: str) -> bool:
    """1 or 0."""
    if text not in ("0", "1"):
        raise ValueError("needs to be 1 or 0")
    return text == "1"


def words(text: str) -> list[str]:
    """Words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def log_format(text: str) -> str:
    """json or console."""
    if text not in ("json", "console"):
        raise ValueError("needs to be json or console")
    return text


VARIABLES = (
    Variable("STAGEDOOR_SECRET_KEY", secret, REQUIRED, "signs cookies and links"),
    Variable("SITE_URL", origin, REQUIRED, "the address people type"),
    Variable("DATABASE_URL", database, REQUIRED, "PostgreSQL"),
    Variable("DATABASE_POOL", yes_or_no, False, "1 where threads share a few connections: in web"),
    Variable("REDIS_URL", redis, REQUIRED, "Redis or Valkey"),
    Variable("STRIPE_SECRET_KEY", stripe_key, REQUIRED, "Stripe's API"),
    Variable("STRIPE_WEBHOOK_SECRET", webhook_secret, REQUIRED, "proves that a webhook is Stripe's"),
    Variable("STRIPE_API_BASE", origin, "", "where Stripe's API is, if not at Stripe"),
    Variable("EMAIL_URL", email, REQUIRED, "how mail leaves"),
    Variable("DEFAULT_FROM_EMAIL", str, "Stagedoor <shop@localhost>", "the sender of mail"),
    Variable("PRIVATE_ROOT", Path, REQUIRED, "the folder of files that are sold"),
    Variable("MEDIA_ROOT", Path, REQUIRED, "the folder of pictures"),
    Variable("STATIC_ROOT", Path, REQUIRED, "the folder of collected static files"),
    Variable("ALLOWED_HOSTS", words, [], "hosts beside SITE_URL's"),
    Variable("TRUSTED_PROXIES", words, ["127.0.0.1", "::1"], "whose X-Forwarded-For is believed"),
    Variable("PAYMENT_QUIET_S", seconds, 60, "after how much silence a payment is read from Stripe"),
    Variable("LOG_FORMAT", log_format, "json", "json or console"),
    Variable("METRICS_PORT", port, 0, "where this process tells its metrics, 0 for nowhere"),
    Variable("METRICS_HOST", str, "127.0.0.1", "who may ask for them: the address that METRICS_PORT is opened on"),
    Variable("STAGEDOOR_DEMO", yes_or_no, False, "1 only in the demo: sign-in links, mailbox"),
)


def read_environment(surroundings: Mapping[str, str]) -> dict[str, Any]:
    """Every variable of VARIABLES by name, read.

    Raises ImproperlyConfigured with one line for each that is missing or malformed, all at once.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for variable in VARIABLES:
        text = surroundings.get(variable.name, "")
        if not text and variable.default is REQUIRED:
            problems.append(f"{variable.name} is missing ({variable.meaning})")
        elif not text:
            values[variable.name] = variable.default
        else:
            try:
                values[variable.name] = variable.read(text)
            except (ValueError, KeyError, ImproperlyConfigured) as problem:
                problems.append(f"{variable.name} {problem} ({variable.meaning})")
    if problems:
        raise ImproperlyConfigured("\n  ".join(["The environment is not complete:", *problems]))
    return values
