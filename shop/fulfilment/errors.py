"""How fulfilment says no."""

from shop.core.errors import Conflict, Invalid


class ParcelMoved(Conflict):
    """Somebody was faster, or the page is old."""

    code = "parcel_moved"
    sentence = "{happened} Nothing was changed."


class ParcelChanged(Conflict):
    """What belongs into the parcel is not what the packer saw."""

    code = "parcel_changed"
    sentence = "What belongs into this parcel has changed since you opened it. Please check the list again."


class NotTicked(Invalid):
    """A thing was not ticked off."""

    code = "not_ticked"
    sentence = "Not everything is ticked off yet: {titles}."


class BadCarrier(Invalid):
    """Not one of the carriers we know."""

    code = "bad_carrier"
    sentence = "Please choose the carrier."


class BadTrackingNumber(Invalid):
    """What was typed cannot be a tracking number."""

    code = "bad_tracking_number"
    sentence = "A tracking number has 4 to 40 letters, digits, dashes or spaces; this one does not look like it."


class NoteNeeded(Invalid):
    """Nobody can search for something nameless."""

    code = "note_needed"
    sentence = "Please say what cannot be found, in up to 200 characters."


class TooLateToCancel(Conflict):
    """The parcel is closed."""

    code = "too_late_to_cancel"
    sentence = (
        "Your parcel is packed already, so the order can no longer be cancelled here. You can send it back instead."
    )
