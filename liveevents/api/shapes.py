"""What the live side answers with."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from liveevents.drops.line import Reason, why_waiting
from liveevents.drops.models import EntryKind
from liveevents.drops.now import DropNow
from shop.door.fields import MoneyField, NumberedPiece
from shop.stock.models import Audience


class EventShape(serializers.Serializer[Any]):
    """A show."""

    store = serializers.CharField(source="store.handle")
    slug = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    state = serializers.CharField()
    starts_at = serializers.DateTimeField()
    live_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    video_url = serializers.CharField()


class CountsShape(serializers.Serializer[Any]):
    """How many pieces are in each state."""

    free = serializers.IntegerField()
    held = serializers.IntegerField()
    paying = serializers.IntegerField()
    sold = serializers.IntegerField()
    total = serializers.IntegerField()


class WhyShape(serializers.Serializer[Any]):
    """Why nobody in the line is being served right now."""

    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    free = serializers.IntegerField()
    held = serializers.IntegerField()
    paying = serializers.IntegerField()
    asked = serializers.IntegerField(allow_null=True, help_text="How many the asker waits for.")
    may_take = serializers.IntegerField(help_text="How many more the asker may have.")
    ms_left = serializers.IntegerField(allow_null=True, help_text="Until the next held piece runs out.")


class RungShape(serializers.Serializer[Any]):
    """The pieces at one price: how many there are, and how many are left."""

    price = MoneyField()
    left = serializers.IntegerField(source="counts.free")
    pieces = serializers.IntegerField()


class DropShape(serializers.Serializer[Any]):
    """A drop at this moment, and what the asker has of it."""

    id = serializers.IntegerField(source="drop.pk")
    title = serializers.CharField(source="drop.title")
    product = serializers.CharField(source="product.title")
    variant = serializers.CharField(source="variant.title")
    state = serializers.CharField()
    price = MoneyField(help_text="What the next free piece costs.")
    ladder = RungShape(many=True, help_text="Its prices, in the order of handing out.")
    pieces = CountsShape(source="counts")
    audience = serializers.ChoiceField(Audience.choices, source="drop.allotment.audience")
    takes_fewer = serializers.BooleanField(
        source="drop.allotment.takes_fewer", help_text="Whether who asks for more than are left gets what is left."
    )
    per_person = serializers.IntegerField(source="drop.allotment.per_person")
    hold_s = serializers.IntegerField(source="drop.allotment.hold_s")
    ms_to_open = serializers.IntegerField(allow_null=True)
    ms_left = serializers.IntegerField(allow_null=True)
    owned = serializers.IntegerField()
    place_in_line = serializers.IntegerField(source="place", allow_null=True)
    waits_for = serializers.SerializerMethodField()

    @extend_schema_field(WhyShape(allow_null=True))
    def get_waits_for(self, drop: DropNow) -> Any:
        """The reason, for who is in the line or could join it."""
        why = why_waiting(drop)
        return None if why is None else WhyShape(why).data


class EntryShape(serializers.Serializer[Any]):
    """A line of a drop's public record."""

    sequence = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EntryKind.choices)
    at = serializers.DateTimeField()
    numbers = serializers.DictField(help_text="The pieces in each state at that moment, and what the kind adds.")


class RecordAsk(serializers.Serializer[Any]):
    """From where on."""

    after = serializers.IntegerField(default=0, min_value=0, help_text="The sequence of the last entry you have.")


class RecordShape(serializers.Serializer[Any]):
    """The record of a drop, oldest first."""

    drop = serializers.IntegerField()
    currency = serializers.CharField()
    entries = EntryShape(many=True)


class EventWithDrops(EventShape):
    """A show and its drops."""

    drops = DropShape(many=True)


class PiecesAsk(serializers.Serializer[Any]):
    """How many pieces, and the code word where the drop asks for one."""

    quantity = serializers.IntegerField(default=1)
    word = serializers.CharField(default="", allow_blank=True, max_length=200)


class ClaimAsk(PiecesAsk):
    """How many pieces to claim."""

    again = serializers.BooleanField(
        default=False, help_text="Asked before with this key, without an answer: the truth is looked up."
    )


class WaitAsk(PiecesAsk):
    """How many pieces to wait for."""

    takes_fewer = serializers.BooleanField(default=False)


class Place(serializers.Serializer[Any]):
    """The place in the line: 1 is served next, 0 was served at once."""

    place = serializers.IntegerField()


class HoldShape(serializers.Serializer[Any]):
    """Pieces that are held, and the milliseconds left to pay for them."""

    id = serializers.IntegerField()
    store = serializers.CharField()
    product = serializers.CharField()
    variant = serializers.CharField()
    pieces = NumberedPiece(many=True)
    ms_left = serializers.IntegerField()
    is_paying = serializers.BooleanField()
