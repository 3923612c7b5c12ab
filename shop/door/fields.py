"""Fields that several answers share."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field(
    {
        "type": "object",
        "properties": {"amount_minor": {"type": "integer"}, "currency": {"type": "string"}},
        "required": ["amount_minor", "currency"],
    }
)
class MoneyField(serializers.Field[Any, Any, Any, Any]):
    """Money as {"amount_minor": 1250, "currency": "EUR"}."""

    def to_representation(self, value: Any) -> dict[str, Any]:
        """The two parts by name."""
        return {"amount_minor": value.amount_minor, "currency": value.currency}


class NumberedPiece(serializers.Serializer[Any]):
    """One numbered piece, and what it costs."""

    number = serializers.IntegerField()
    price = MoneyField()
