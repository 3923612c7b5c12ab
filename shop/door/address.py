"""Where a request comes from: the network address that limits count by."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b, sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

IPV6_NETWORK_BITS: Final = 64
LONGEST_ADDRESS: Final = 64


def client_address(request: HttpRequest) -> str:
    """The nearest address that is not one of our own proxies."""
    return address_of_environ(request.META)


def address_of_environ(environ: Mapping[str, Any]) -> str:
    """The same, of a bare WSGI environment.

    X-Forwarded-For is believed only as far as TRUSTED_PROXIES wrote it: read from the right, what a stranger put in
    front is never reached.
    """
    trusted = tuple(settings.TRUSTED_PROXIES)
    address: str = environ.get("REMOTE_ADDR", "")
    written: str = environ.get("HTTP_X_FORWARDED_FOR", "")
    while written and _is_ours(address, trusted):
        written, _, last = written.rpartition(",")
        before = last.strip()
        if before and not _is_address(before):
            break
        address = before or address
    return address


def network_of(request: HttpRequest) -> int | None:
    """The client's network as a signed 64-bit number, or None where it is an address of our own."""
    return network_of_environ(request.META)


def network_of_environ(environ: Mapping[str, Any]) -> int | None:
    """The same, of a bare WSGI environment.

    A digest under the house's key, so that no address is kept: of the whole address in IPv4, of its first 64 bits
    in IPv6, where one household has as many addresses as it likes.
    """
    return _digest(address_of_environ(environ), tuple(settings.TRUSTED_PROXIES), settings.SECRET_KEY)


@lru_cache(maxsize=10_000)
def _digest(text: str, trusted: tuple[str, ...], secret: str) -> int | None:
    address = _parsed(text)
    if address is None or _is_ours(text, trusted):
        return None
    kept = address.packed if isinstance(address, IPv4Address) else address.packed[: IPV6_NETWORK_BITS // 8]
    return int.from_bytes(blake2b(kept, digest_size=8, key=_key(secret)).digest(), signed=True)


@lru_cache
def _key(secret: str) -> bytes:
    return sha256(f"network address {secret}".encode()).digest()


@lru_cache(maxsize=10_000)
def _is_ours(text: str, trusted: tuple[str, ...]) -> bool:
    """Whether it belongs to a proxy of ours; an address or a network each."""
    address = _parsed(text)
    return address is not None and any(address in network for network in _networks(trusted))


@lru_cache
def _networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network, strict=False) for network in trusted)


def _is_address(text: str) -> bool:
    return _parsed(text) is not None


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """None for what is no address. One of IPv4 that is written as IPv6 (::ffff:192.0.2.1) is that IPv4 address.

    Kept, for in a rush each request comes from somewhere else, and to read an address costs more than all else here.
    """
    if len(text) > LONGEST_ADDRESS:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
