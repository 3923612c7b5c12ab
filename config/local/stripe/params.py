"""The grammar of parameters: each endpoint declares what it takes, and nothing else gets through."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from config.local.stripe.currencies import SUPPORTED
from config.local.stripe.errors import InvalidParameter, missing_parameter, unknown_parameter
from config.local.stripe.shapes import Fields, RawValue

_URL = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?")
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500


class Parameter(Protocol):
    """One kind of value; `read` returns it typed or raises InvalidParameter that names `at`."""

    def read(self, raw: RawValue, *, at: str) -> Any: ...


@dataclass(frozen=True)
class Text:
    """A string, perhaps one of `choices`; a `clearable` one may be emptied, which reads as None."""

    choices: tuple[str, ...] = ()
    clearable: bool = False
    longest: int = 5000

    def read(self, raw: RawValue, *, at: str) -> str | None:
        """The string, or None where it was emptied."""
        if not isinstance(raw, str):
            raise InvalidParameter(f"Invalid string: {raw}", param=at)
        if raw == "" and self.clearable:
            return None
        if raw == "":
            raise InvalidParameter(
                f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{at}' cannot be unset. You should remove '{at}' from your request or supply a non-empty "
                "value.",
                param=at,
                code="parameter_invalid_empty",
            )
        if self.choices and raw not in self.choices:
            raise InvalidParameter(f"Invalid {at}: must be one of {', '.join(self.choices)}", param=at)
        if len(raw) > self.longest:
            raise InvalidParameter(
                f"Invalid string: {raw[:20]}...; must be at most {self.longest} characters", param=at
            )
        return raw


@dataclass(frozen=True)
class Url:
    """An absolute web address."""

    def read(self, raw: RawValue, *, at: str) -> str:
        """The address."""
        if not isinstance(raw, str) or not _URL.fullmatch(raw):
            raise InvalidParameter("Not a valid URL", param=at, code="url_invalid")
        return raw


@dataclass(frozen=True)
class Email:
    """An address that mail could be sent to; emptied, it reads as None."""

    def read(self, raw: RawValue, *, at: str) -> str | None:
        """The address."""
        if raw == "":
            return None
        if not isinstance(raw, str) or not _EMAIL.fullmatch(raw):
            raise InvalidParameter(f"Invalid email address: {raw}", param=at, code="email_invalid")
        return raw


@dataclass(frozen=True)
class Integer:
    """A whole number within bounds: amounts in minor units, instants in epoch seconds."""

    least: int = 0
    most: int = 99_999_999_999

    def read(self, raw: RawValue, *, at: str) -> int:
        """The number."""
        if not isinstance(raw, str) or not _INTEGER.fullmatch(raw):
            raise InvalidParameter(f"Invalid integer: {raw}", param=at, code="parameter_invalid_integer")
        number = int(raw)
        if not self.least <= number <= self.most:
            bound = f"greater than or equal to {self.least}" if number < self.least else f"at most {self.most}"
            raise InvalidParameter(f"This value must be {bound}.", param=at, code="parameter_invalid_integer")
        return number


@dataclass(frozen=True)
class Boolean:
    """`true` or `false`."""

    def read(self, raw: RawValue, *, at: str) -> bool:
        """The truth value."""
        if raw not in ("true", "false"):
            raise InvalidParameter(f"Invalid boolean: {raw}", param=at)
        return raw == "true"


@dataclass(frozen=True)
class Currency:
    """A three-letter ISO code, in lower case as Stripe stores it."""

    def read(self, raw: RawValue, *, at: str) -> str:
        """The code."""
        if not isinstance(raw, str) or raw.lower() not in SUPPORTED:
            raise InvalidParameter(f"Invalid currency: {raw}.", param=at)
        return raw.lower()


@dataclass(frozen=True)
class Metadata:
    """String pairs; an empty value takes its key away, an empty whole takes all away (None)."""

    def read(self, raw: RawValue, *, at: str) -> dict[str, str] | None:
        """The pairs as sent."""
        if raw == "":
            return None
        if not isinstance(raw, dict):
            raise InvalidParameter("Invalid object", param=at)
        if len(raw) > METADATA_KEYS:
            raise InvalidParameter(f"Metadata can have up to {METADATA_KEYS} keys.", param=at)
        return {key: self._value(key, value, at=at) for key, value in raw.items()}

    def _value(self, key: str, value: RawValue, *, at: str) -> str:
        if not isinstance(value, str):
            raise InvalidParameter("Metadata values must be strings", param=f"{at}[{key}]")
        if len(key) > METADATA_KEY_LENGTH or len(value) > METADATA_VALUE_LENGTH:
            raise InvalidParameter("Metadata keys can be up to 40 and values up to 500 characters long.", param=at)
        return value


@dataclass(frozen=True)
class Array:
    """A list, sent as `name[0]=…` or `name[]=…`."""

    of: Parameter
    most: int = 100

    def read(self, raw: RawValue, *, at: str) -> list[Any]:
        """The values in order."""
        if not isinstance(raw, dict) or not all(key.isdecimal() for key in raw) or len(raw) > self.most:
            raise InvalidParameter("Invalid array", param=at)
        return [self.of.read(raw[key], at=f"{at}[{key}]") for key in sorted(raw, key=int)]


@dataclass(frozen=True)
class Shape:
    """An object with named parameters, some of them required; the whole parameter set of an endpoint is one."""

    fields: Mapping[str, Parameter] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, raw: RawValue, *, at: str = "") -> Fields:
        """Only the parameters that were sent, each typed."""
        if not isinstance(raw, dict):
            raise InvalidParameter("Invalid object", param=at)
        for name in raw:
            if name not in self.fields:
                raise unknown_parameter(param=_inside(at, name))
        for name in self.required:
            if name not in raw:
                raise missing_parameter(param=_inside(at, name))
        return {name: self.fields[name].read(value, at=_inside(at, name)) for name, value in raw.items()}


@dataclass(frozen=True)
class Either:
    """A plain value or an object in the same place: `created=5` or `created[gte]=5`."""

    plain: Parameter
    structured: Parameter

    def read(self, raw: RawValue, *, at: str) -> Any:
        """Whichever was sent."""
        return (self.structured if isinstance(raw, dict) else self.plain).read(raw, at=at)


def _inside(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


EXPAND = Array(Text(), most=20)
INSTANT = Integer()
WITHIN = Either(INSTANT, Shape({"gt": INSTANT, "gte": INSTANT, "lt": INSTANT, "lte": INSTANT}))
ADDRESS_FIELDS = {name: Text(clearable=True) for name in ("city", "country", "line1", "line2", "postal_code", "state")}
ADDRESS = Shape(ADDRESS_FIELDS)
RETRIEVE = Shape({"expand": EXPAND})


def listing(**filters: Parameter) -> Shape:
    """The parameters of a list endpoint: cursors, and these filters."""
    cursors: dict[str, Parameter] = {
        "limit": Integer(least=1, most=100),
        "starting_after": Text(),
        "ending_before": Text(),
        "expand": EXPAND,
    }
    return Shape(cursors | filters)


def merge_metadata(*, old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """The metadata after an update; None empties it."""
    if new is None:
        return {}
    return {key: value for key, value in (old | new).items() if value != ""}
