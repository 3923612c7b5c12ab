"""What an endpoint is: a method, a path as Stripe's description writes it, the parameters, and a handler."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from config.local.stripe.account import Account
from config.local.stripe.params import EXPAND, Parameter, Shape
from config.local.stripe.shapes import Fields


@dataclass(frozen=True)
class Call:
    """One request that has been read: typed parameters, and the ids out of the path."""

    account: Account
    params: Fields
    ids: dict[str, str] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A row in a resource's table."""

    method: str
    path: str
    handler: Callable[[Call], Fields]
    params: Shape

    def match(self, path: str) -> dict[str, str] | None:
        """The ids in this path, or None where it is another endpoint's."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


def takes(shared: Mapping[str, Parameter] | None = None, *, required: tuple[str, ...] = (), **own: Parameter) -> Shape:
    """The parameter set of an endpoint that also takes `expand`: what it shares with others, and its own."""
    return Shape({"expand": EXPAND, **(shared or {}), **own}, required)
