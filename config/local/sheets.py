"""The shapes of the demo's catalogue: plain rows that the seed turns into a shop. Nothing here touches the database.

A barcode begins with 2, the range that shops keep for themselves, so it is valid and nobody's.
"""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class PictureSheet:
    """A picture to draw: `pictures.draw_product(what, colour)`; `option` names the option value it shows, if one."""

    what: str
    colour: str
    alt: str
    option: str = ""


@dataclass(frozen=True, slots=True)
class VariantSheet:
    """A variant's row; its price is in the store's minor units. Digital variants weigh nothing and have no stock."""

    options: tuple[str, ...]
    sku: str
    barcode: str
    price_minor: int
    weight_g: int = 0
    on_hand: int = 0
    shelf: str = ""


@dataclass(frozen=True, slots=True)
class ProductSheet:
    """A product with its variants and pictures; `files` are names of `digital.make_digital`."""

    handle: str
    title: str
    description: str
    category: str
    tags: tuple[str, ...]
    variants: tuple[VariantSheet, ...]
    pictures: tuple[PictureSheet, ...]
    option_names: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def is_digital(self) -> bool:
        """Whether it is fetched instead of sent."""
        return bool(self.files)


@dataclass(frozen=True, slots=True)
class RateSheet:
    """What it costs to send up to so many grams to a country; "*" is every other country."""

    country: str
    name: str
    up_to_g: int
    price_minor: int
    days: str


@dataclass(frozen=True, slots=True)
class StoreSheet:
    """A store's row, its goods, what sending costs, and the tax in its prices (hundredths of a percent)."""

    handle: str
    name: str
    tagline: str
    about: str
    accent: str
    currency: str
    country: str
    seller: str
    vat_id: str
    contact_email: str
    cover_colour: str
    legal: dict[str, str]
    products: tuple[ProductSheet, ...]
    rates: tuple[RateSheet, ...]
    taxes: dict[str, int] = field(default_factory=dict)


def ean13(item: int, *, prefix: str = "200") -> str:
    """A 13-digit barcode with its check digit (GS1 General Specifications, section 7.9)."""
    digits = f"{prefix}{item:09d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def legal_texts(*, name: str, seller: str, email: str, vat_id: str, court: str) -> dict[str, str]:
    """Imprint, terms, privacy and returns of a small seller in the EU, as plain paragraphs.

    They read like real ones so that the pages can be judged; a real shop brings its own.
    """
    address = ", ".join(seller.splitlines()[1:])
    return {
        "imprint": f"{seller}\n\nE-mail: {email}\nVAT identification number: {vat_id}\n\n"
        f"Responsible for the content of this shop: {seller.splitlines()[1]}, address as above.\n\n"
        "We are neither obliged nor willing to take part in dispute resolution before a consumer arbitration board. "
        "Write to us first: we have found an answer every time so far.",
        "terms": f"These terms apply to what you buy from {name} ({address}).\n\n"
        "Your order is an offer; the contract is made when we confirm the payment by e-mail. A piece that you claim "
        "during a show is kept for you as long as its clock runs, at the price shown on it. When the clock has run out "
        "the piece goes to the next person.\n\n"
        "All prices include value added tax. Delivery is shown before you pay. We send within two working days.\n\n"
        "Files can be downloaded from your order as soon as the payment is confirmed, as often as you like, for your "
        "own use.\n\n"
        f"The law of the seller's country applies; the court of {court} is competent for merchants.",
        "privacy": f"{name} ({address}) keeps what is needed to send you what you bought: name, address, e-mail and "
        "the order itself, for as long as tax law asks for it.\n\n"
        "Payment is made on the pages of our payment provider; we never see your card number. We use one cookie that "
        "remembers your cart and, if you sign in, one that remembers you. There is no tracking and no advertising.\n\n"
        f"You may ask what we keep about you, have it corrected or deleted: {email}.",
        "returns": "You have fourteen days from the day you receive your parcel to change your mind, and another "
        "fourteen to send the goods back. You do not have to say why; you pay for the way back, and we pay back what "
        "you paid, standard delivery included, within fourteen days.\n\n"
        "Once you have begun to download a file, the right to withdraw ends, as you agree when you buy it.\n\n"
        f"Broken on the way? Send a photograph to {email}; we replace it without asking for the shards.",
    }


EUROPE: Final = ("AT", "BE", "CZ", "DK", "ES", "FI", "FR", "IE", "IT", "LU", "NL", "PL", "PT", "SE")


def post(country: str, home: tuple[int, int, int], abroad: tuple[int, int, int]) -> tuple[RateSheet, ...]:
    """A small seller's rates by weight (500 g, 2 kg, 10 kg) at home, in Europe and beyond."""
    sizes = (500, 2_000, 10_000)
    near = [RateSheet(country, "Post", grams, price, "1–3") for grams, price in zip(sizes, home, strict=True)]
    europe = [
        RateSheet(there, "Post, tracked", grams, price, "3–6")
        for there in EUROPE
        if there != country
        for grams, price in zip(sizes, abroad, strict=True)
    ]
    world = [
        RateSheet("*", "Airmail, tracked", grams, price * 2, "7–14") for grams, price in zip(sizes, abroad, strict=True)
    ]
    return (*near, *europe, *world)
