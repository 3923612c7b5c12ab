"""The real services that the environment names, in place of what we would start ourselves."""

import os
from dataclasses import dataclass

from config.local.say import Trouble


@dataclass(frozen=True)
class Outside:
    """Each is None where we stand in for it."""

    database_url: str | None = None
    redis_url: str | None = None
    stripe_secret_key: str | None = None
    email_url: str | None = None
    private_root: str | None = None
    media_root: str | None = None

    @classmethod
    def from_environment(cls) -> "Outside":
        """What DATABASE_URL, REDIS_URL, STRIPE_SECRET_KEY, EMAIL_URL, PRIVATE_ROOT and MEDIA_ROOT name."""
        return cls(**{name: os.environ.get(name.upper()) or None for name in cls.__dataclass_fields__})

    def refuse_live_money(self) -> None:
        """Raises Trouble for a live Stripe key: a shop with invented people must not charge real cards."""
        if self.stripe_secret_key and not self.stripe_secret_key.startswith(("sk_test_", "rk_test_")):
            raise Trouble(
                "STRIPE_SECRET_KEY is a live key, and the demo sells things that do not exist; "
                "use a test key (sk_test_...), or read docs/deploy.md for a real shop."
            )


NOTHING = Outside()
