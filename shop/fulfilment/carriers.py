"""Who brings parcels, and where each shows the way of one."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from shop.fulfilment.errors import BadCarrier, BadTrackingNumber

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9 \-]{2,38}[A-Z0-9]")


@dataclass(frozen=True)
class Carrier:
    """A carrier; `page` is its tracking page with a place for the number, empty where there is none."""

    code: str
    name: str
    page: str = ""

    def tracking_url(self, number: str) -> str:
        """The carrier's page about this parcel; empty without a number or a page."""
        return self.page.format(quote(number, safe="")) if number else ""


CARRIERS: dict[str, Carrier] = {
    carrier.code: carrier
    for carrier in (
        Carrier("dhl", "DHL", "https://www.dhl.de/en/privatkunden/pakete-empfangen/verfolgen.html?piececode={}"),
        Carrier("dpd", "DPD", "https://tracking.dpd.de/status/en_US/parcel/{}"),
        Carrier("ups", "UPS", "https://www.ups.com/track?tracknum={}"),
        Carrier("gls", "GLS", "https://gls-group.com/track/{}"),
        Carrier("hermes", "Hermes", "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}"),
        Carrier("post_at", "Österreichische Post", "https://www.post.at/sv/sendungsdetails?snr={}"),
        Carrier("royal_mail", "Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
        Carrier("usps", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
        Carrier("fedex", "FedEx", "https://www.fedex.com/fedextrack/?trknbr={}"),
        Carrier("other", "Another carrier"),
    )
}


def carrier_of(code: str) -> Carrier:
    """The carrier of this code. Raises BadCarrier."""
    if code not in CARRIERS:
        raise BadCarrier(field="carrier")
    return CARRIERS[code]


def clean_number(typed: str, *, carrier: Carrier) -> str:
    """A tracking number in capitals with single spaces at most; only another carrier may have none.

    Raises BadTrackingNumber.
    """
    number = " ".join(typed.upper().split())
    if not number and carrier.code == "other":
        return ""
    if not NUMBER.fullmatch(number):
        raise BadTrackingNumber(field="tracking_number")
    return number
