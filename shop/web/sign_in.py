"""How allauth signs people up and in here: by a code, without a password."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's flow with our words."""
