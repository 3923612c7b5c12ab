"""What became of a parcel, in words for the desk."""

from datetime import datetime

from babel.dates import format_datetime
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from shop.fulfilment.models import Parcel
from shop.fulfilment.states import ParcelState


def moment(instant: datetime | None) -> str:
    """An instant as this reader's language writes it, in UTC: "Jun 1, 2026, 12:00:00 PM UTC" without the seconds."""
    return format_datetime(instant, "d MMM, HH:mm 'UTC'", locale=to_locale(get_language() or "en")) if instant else ""


def happened_to(parcel: Parcel) -> str:
    """One sentence about the parcel's present state: who did what, and when."""
    match ParcelState(parcel.state):
        case ParcelState.TO_PACK:
            return _("This parcel waits to be packed.")
        case ParcelState.MISSING:
            return _("This parcel was set aside: {note}.").format(note=parcel.missing_note.rstrip("."))
        case ParcelState.PACKED:
            who = str(parcel.packed_by or _("Somebody"))
            return _("{who} packed this parcel on {when}.").format(who=who, when=moment(parcel.packed_at))
        case ParcelState.SHIPPED:
            return _("This parcel was handed to {carrier} on {when}.").format(
                carrier=parcel.carrier_name, when=moment(parcel.shipped_at)
            )
        case ParcelState.DELIVERED:
            return _("This parcel was delivered on {when}.").format(when=moment(parcel.delivered_at))
        case ParcelState.EMPTY:
            return _("Everything in this parcel was refunded, so there is nothing to send.")
