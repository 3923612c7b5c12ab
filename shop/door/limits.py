"""How often one shopper, and one network address, may start a payment: who tests stolen cards does it by the hundred.

A mobile carrier puts thousands of honest people behind one address, so that limit is generous.
"""

from typing import Final

from django.http import HttpRequest

from shop.accounts.models import Shopper
from shop.core.limits import Limit, count
from shop.door.address import client_address

A_SHOPPER: Final = Limit(name="checkout/shopper", times=20, window_s=3600)
A_NETWORK_ADDRESS: Final = Limit(name="checkout/network", times=2000, window_s=3600)


def count_checkout(request: HttpRequest, shopper: Shopper) -> None:
    """One more checkout of this shopper from this address. Raises TooOften(wait_s)."""
    count(limit=A_SHOPPER, who=str(shopper.pk))
    count(limit=A_NETWORK_ADDRESS, who=client_address(request))
