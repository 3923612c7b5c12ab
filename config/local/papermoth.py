"""Papermoth, the demo's second store: so that there is somebody else's cart, desk and parcel."""

from typing import Final

from config.local.sheets import PictureSheet, ProductSheet, StoreSheet, VariantSheet, ean13, legal_texts, post

SELLER: Final = "Papermoth Press\nJonas Bergmann\nLindenhof 7/2\n1999 Wien\nAustria"
EMAIL: Final = "post@papermoth.example"
VAT_ID: Final = "ATU99999999"

PAPERMOTH: Final = StoreSheet(
    handle="papermoth",
    name="Papermoth Press",
    tagline="Zines for the small hours.",
    about="Night walks, bad maps and good moths, printed and stapled by Jonas Bergmann in a back yard in Vienna.",
    accent="#6b3f5b",
    currency="EUR",
    country="AT",
    seller=SELLER,
    vat_id=VAT_ID,
    contact_email=EMAIL,
    cover_colour="plum",
    legal=legal_texts(name="Papermoth Press", seller=SELLER, email=EMAIL, vat_id=VAT_ID, court="Vienna"),
    products=(
        ProductSheet(
            handle="night-walks",
            title="Night Walks",
            description="<p>Twelve walks that begin after the last tram. Forty-four pages, two inks, one staple too "
            "many.</p>",
            category="Zines",
            tags=("zine",),
            option_names=("Issue",),
            variants=(
                VariantSheet(("One",), "PM-NW-1", ean13(300), 800, 95, 40, "1-1"),
                VariantSheet(("Two",), "PM-NW-2", ean13(301), 800, 95, 25, "1-2"),
            ),
            pictures=(
                PictureSheet("zine", "plum", "Zine with a paper moth on a plum cover", "One"),
                PictureSheet("zine", "ink", "Zine with a paper moth on an ink-blue cover", "Two"),
            ),
        ),
        ProductSheet(
            handle="moon-bookmark",
            title="Moon Bookmark",
            description="<p>Seven moons on a card, a thread to find your page by.</p>",
            category="Paper",
            tags=("paper", "gift"),
            variants=(VariantSheet((), "PM-BMK", ean13(310), 400, 15, 120, "2-1"),),
            pictures=(PictureSheet("bookmark", "ink", "Bookmark with the phases of the moon"),),
        ),
        ProductSheet(
            handle="moth-notebook",
            title="Moth Notebook",
            description="<p>For what you think of at four in the morning. Black paper; needs a light pencil.</p>",
            category="Paper",
            tags=("paper",),
            variants=(VariantSheet((), "PM-NBK", ean13(320), 1400, 240, 30, "2-2"),),
            pictures=(PictureSheet("notebook", "plum", "Plum notebook with an elastic band"),),
        ),
    ),
    rates=post("AT", (420, 650, 1190), (920, 1590, 2690)),
    taxes={"AT": 2000, "DE": 1900, "*": 2000},
)
