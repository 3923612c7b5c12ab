"""Names for the shapes that travel through the sandbox."""

from typing import Any, TypeAlias

Fields: TypeAlias = dict[str, Any]
"""One JSON object: an API resource, a parameter set, a fault."""

RawValue: TypeAlias = "str | dict[str, RawValue]"
"""What a decoded form holds before its endpoint has read it: text, or a mapping that may stand for a list."""

RawForm: TypeAlias = dict[str, RawValue]
