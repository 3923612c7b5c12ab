"""Saltware, the demo's store: a potter's studio by the sea that also prints, knits and records."""

from typing import Final

from config.local.sheets import PictureSheet, ProductSheet, StoreSheet, VariantSheet, ean13, legal_texts, post

SELLER: Final = "Saltware Studio\nCora Thomsen\nSpeicherweg 4\n24999 Wattenhaven\nGermany"
EMAIL: Final = "hello@saltware.example"
VAT_ID: Final = "DE999999999"

GLAZES: Final = (("Fog", "fog"), ("Ink", "ink"), ("Rust", "rust"))


def _glazed(
    sku: str, item: int, price_minor: int, weight_g: int, shelf: str, stock: tuple[int, int, int]
) -> tuple[VariantSheet, ...]:
    """One variant for each glaze."""
    return tuple(
        VariantSheet(
            (glaze,),
            f"{sku}-{glaze[:3].upper()}",
            ean13(item + place),
            price_minor,
            weight_g,
            stock[place],
            f"{shelf}-{place + 1}",
        )
        for place, (glaze, _) in enumerate(GLAZES)
    )


def _in_each_glaze(what: str, thing: str) -> tuple[PictureSheet, ...]:
    """One picture for each glaze."""
    return tuple(PictureSheet(what, colour, f"{thing}, glazed {glaze.lower()}", glaze) for glaze, colour in GLAZES)


def _one(sku: str, item: int, price: int, grams: int, stock: int, shelf: str) -> tuple[VariantSheet]:
    """The only variant of a thing without options."""
    return (VariantSheet((), sku, ean13(item), price, grams, stock, shelf),)


STONEWARE: Final = (
    ProductSheet(
        handle="tide-mug",
        title="Tide Mug",
        description="<p>A mug for the second coffee. Thrown in Wattenhaven from speckled stoneware, glazed to just "
        "above the foot so that the bare clay warms your palm.</p><ul><li>Holds 320 ml</li><li>Fired at 1,240 °C</li>"
        "<li>Dishwasher and microwave do it no harm</li></ul>",
        category="Stoneware",
        tags=("stoneware", "kitchen", "bestseller"),
        option_names=("Glaze",),
        variants=_glazed("SW-MUG", 100, 2800, 430, "A1", (36, 24, 18)),
        pictures=_in_each_glaze("mug", "Tide Mug"),
    ),
    ProductSheet(
        handle="harbour-bowl",
        title="Harbour Bowl",
        description="<p>Wide enough for ramen, low enough for salad, heavy enough to stay where you put it. One brush "
        "mark round the outside, each a little different.</p><ul><li>22 cm across, 9 cm high</li>"
        "<li>Fired at 1,240 °C</li></ul>",
        category="Stoneware",
        tags=("stoneware", "kitchen"),
        option_names=("Glaze",),
        variants=_glazed("SW-BWL", 110, 3900, 780, "A2", (20, 14, 22)),
        pictures=_in_each_glaze("bowl", "Harbour Bowl"),
    ),
    ProductSheet(
        handle="ebb-vase",
        title="Ebb Vase",
        description="<p>Each Ebb is thrown in one sitting and numbered on the foot. The belly is wide, the neck is "
        "narrow: three stems are plenty.</p><ul><li>26 cm high</li><li>Watertight</li><li>Signed and "
        "numbered</li></ul>",
        category="Stoneware",
        tags=("stoneware", "numbered", "home"),
        option_names=("Glaze",),
        variants=_glazed("SW-VAS", 120, 7400, 1450, "A3", (30, 12, 12)),
        pictures=_in_each_glaze("vase", "Ebb Vase with dry stems"),
    ),
    ProductSheet(
        handle="lighthouse-candle",
        title="Lighthouse Candle",
        description="<p>Rapeseed wax in a cup that stays when the candle has gone. Cedar, salt and a little smoke, "
        "like the boathouse in October.</p><ul><li>Burns for about 45 hours</li><li>Cotton wick</li></ul>",
        category="Home",
        tags=("candle", "home", "gift"),
        variants=_one("SW-CDL", 130, 2600, 520, 40, "A4-1"),
        pictures=(PictureSheet("candle", "moss", "Lit candle in a moss-green stoneware cup"),),
    ),
)

PAPER_GOODS: Final = (
    ProductSheet(
        handle="low-water-print",
        title="Low Water Print",
        description="<p>The view from the studio door at low water, printed in five inks on a forty-year-old "
        "Risograph. The inks never land twice in the same place; that is the point.</p><ul><li>240 g recycled "
        "paper</li><li>Sent rolled</li></ul>",
        category="Prints",
        tags=("print", "home", "gift"),
        option_names=("Size",),
        variants=(
            VariantSheet(("A3",), "SW-PRT-A3", ean13(140), 2500, 180, 60, "B1-1"),
            VariantSheet(("A2",), "SW-PRT-A2", ean13(141), 3900, 320, 25, "B1-2"),
        ),
        pictures=(PictureSheet("poster", "sea", "Print of a low sun over bands of sea"),),
    ),
    ProductSheet(
        handle="logbook",
        title="Logbook",
        description="<p>A sewn notebook that lies flat. 160 pages, a ribbon, a band that keeps the weather out and a "
        "label for the year.</p>",
        category="Paper",
        tags=("paper", "gift"),
        option_names=("Pages",),
        variants=(
            VariantSheet(("Ruled",), "SW-LOG-RUL", ean13(150), 1600, 260, 48, "B2-1"),
            VariantSheet(("Dotted",), "SW-LOG-DOT", ean13(151), 1600, 260, 52, "B2-2"),
            VariantSheet(("Plain",), "SW-LOG-PLA", ean13(152), 1600, 260, 0, "B2-3"),
        ),
        pictures=(PictureSheet("notebook", "moss", "Moss-green notebook with an elastic band"),),
    ),
    ProductSheet(
        handle="harbour-stickers",
        title="Harbour Stickers",
        description="<p>Six small things we see from the wheel, on one sheet. Weatherproof: the first ones are still "
        "on the ferry.</p>",
        category="Paper",
        tags=("paper", "little things"),
        variants=_one("SW-STK", 160, 500, 20, 200, "B3-1"),
        pictures=(PictureSheet("stickers", "rust", "Sheet of six round stickers"),),
    ),
    ProductSheet(
        handle="tail-pin",
        title="Tail Pin",
        description="<p>The last you see of her. Hard enamel in a brass line, two posts at the back so that she stays "
        "level.</p><ul><li>32 mm wide</li></ul>",
        category="Little things",
        tags=("pin", "little things", "gift"),
        variants=_one("SW-PIN", 170, 900, 25, 150, "B3-2"),
        pictures=(PictureSheet("pin", "sea", "Enamel pin of a whale's tail on its card"),),
    ),
)

TEE_COLOURS: Final = (("Ink", "ink"), ("Chalk", "chalk"))
TEE_SIZES: Final = (("S", 6), ("M", 12), ("L", 10), ("XL", 0))

SOFT_GOODS: Final = (
    ProductSheet(
        handle="stormproof-tee",
        title="Stormproof Tee",
        description="<p>It is not. But it is heavy, boxy and printed by hand two doors down, and it gets better every "
        "wash.</p><ul><li>230 g organic cotton</li><li>Made in Portugal, printed in Wattenhaven</li></ul>",
        category="Clothes",
        tags=("clothes", "tee"),
        option_names=("Colour", "Size"),
        variants=tuple(
            VariantSheet(
                (colour, size),
                f"SW-TEE-{colour[:3].upper()}-{size}",
                ean13(180 + 4 * row + column),
                3600,
                240,
                stock,
                f"C1-{row + 1}",
            )
            for row, (colour, _) in enumerate(TEE_COLOURS)
            for column, (size, stock) in enumerate(TEE_SIZES)
        ),
        pictures=tuple(
            PictureSheet("tee", tint, f"{colour} T-shirt with a sun and waves on its chest", colour)
            for colour, tint in TEE_COLOURS
        ),
    ),
    ProductSheet(
        handle="watch-cap",
        title="Watch Cap",
        description="<p>Two strands of merino, ribbed, long enough to turn up twice. Knitted on the machine behind the "
        "kiln, which is the warmest place in the house.</p>",
        category="Clothes",
        tags=("clothes", "knit", "winter"),
        option_names=("Colour",),
        variants=(
            VariantSheet(("Rust",), "SW-CAP-RUS", ean13(200), 4200, 110, 16, "C2-1"),
            VariantSheet(("Moss",), "SW-CAP-MOS", ean13(201), 4200, 110, 14, "C2-2"),
            VariantSheet(("Ink",), "SW-CAP-INK", ean13(202), 4200, 110, 9, "C2-3"),
        ),
        pictures=(
            PictureSheet("beanie", "rust", "Ribbed hat in rust", "Rust"),
            PictureSheet("beanie", "moss", "Ribbed hat in moss green", "Moss"),
            PictureSheet("beanie", "ink", "Ribbed hat in ink blue", "Ink"),
        ),
    ),
    ProductSheet(
        handle="market-tote",
        title="Market Tote",
        description="<p>Heavy canvas, long handles, a flat bottom. Carries twelve kilos of clay, so it carries your "
        "potatoes.</p>",
        category="Bags",
        tags=("bag", "bestseller"),
        option_names=("Colour",),
        variants=(
            VariantSheet(("Natural",), "SW-TOT-NAT", ean13(210), 2400, 310, 45, "C3-1"),
            VariantSheet(("Rust",), "SW-TOT-RUS", ean13(211), 2400, 310, 30, "C3-2"),
        ),
        pictures=(
            PictureSheet("tote", "natural", "Canvas bag in natural with a dark sun and waves", "Natural"),
            PictureSheet("tote", "rust", "Canvas bag in rust with a light sun and waves", "Rust"),
        ),
    ),
    ProductSheet(
        handle="slack-tide-lp",
        title="Slack Tide LP",
        description="<p>Forty minutes of the harbour between two tides, recorded from the studio roof, with the kiln "
        "ticking as it cools. Pressed on 180 g vinyl.</p>",
        category="Records",
        tags=("record", "numbered"),
        variants=_one("SW-LP1", 220, 2900, 380, 80, "D1-1"),
        pictures=(PictureSheet("vinyl", "plum", "Record half out of its plum-coloured sleeve"),),
    ),
)

FILES: Final = (
    ProductSheet(
        handle="first-bowls",
        title="First Bowls, the e-book",
        description="<p>Everything Cora says to beginners on a Saturday, in the order she says it: wedging, centring, "
        "the first wall, the first bowl you keep.</p><ul><li>PDF, made for a tablet beside the wheel</li></ul>",
        category="Files",
        tags=("book", "digital"),
        variants=(VariantSheet((), "SW-EBK", "", 1400),),
        pictures=(PictureSheet("book", "sea", "Cover of the e-book First Bowls"),),
        files=("first-bowls.pdf",),
    ),
    ProductSheet(
        handle="slack-tide-recordings",
        title="Slack Tide, the recordings",
        description="<p>The record as files: three tides in full quality and the sleeve notes, in one archive.</p>"
        "<ul><li>WAV, no copy protection</li></ul>",
        category="Files",
        tags=("record", "digital"),
        variants=(VariantSheet((), "SW-REC", "", 900),),
        pictures=(PictureSheet("album", "plum", "Sound of the tide drawn as bars"),),
        files=("slack-tide-recordings.zip",),
    ),
)

SALTWARE: Final = StoreSheet(
    handle="saltware",
    name="Saltware Studio",
    tagline="Stoneware, prints and slow things from a harbour studio.",
    about="Cora Thomsen throws, prints and packs everything herself, two steps from the water. Every Thursday evening "
    "the kiln is opened live, and what comes out is sold from the table.",
    accent="#b4532a",
    currency="EUR",
    country="DE",
    seller=SELLER,
    vat_id=VAT_ID,
    contact_email=EMAIL,
    cover_colour="sea",
    legal=legal_texts(name="Saltware Studio", seller=SELLER, email=EMAIL, vat_id=VAT_ID, court="Flensburg"),
    products=(*STONEWARE, *PAPER_GOODS, *SOFT_GOODS, *FILES),
    rates=post("DE", (390, 590, 1090), (890, 1490, 2490)),
    taxes={"DE": 1900, "AT": 2000, "FR": 2000, "NL": 2100, "*": 1900},
)
