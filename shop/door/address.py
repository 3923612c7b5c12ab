"""Where a request comes from: the network address that limits count by."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The nearest address that is not one of our own proxies.

    X-Forwarded-For is believed only as far as TRUSTED_PROXIES wrote it: read from the right, what a stranger put in
    front is never reached.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    written = request.META.get("HTTP_X_FORWARDED_FOR", "")
    for before in reversed([part.strip() for part in written.split(",") if part.strip()]):
        if not _is_ours(address) or not _is_address(before):
            break
        address = before
    return address


def _is_ours(address: str) -> bool:
    """Whether it belongs to a proxy of ours; an address or a network each."""
    return _is_address(address) and any(
        ip_address(address) in ip_network(trusted, strict=False) for trusted in settings.TRUSTED_PROXIES
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
