"""The demo shop's pictures: the same bytes on every machine, drawn in a few seconds, nobody's copyright.

`draw_product("mug", "rust")`, `draw_cover()` and `draw_poster()` give JPEG bytes; `python -m config.local.pictures DIR`
writes them all, to look at.
"""

import io
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from config.local import drawings
from config.local.easel import FLAT, SIDE, Colour, Drawing, Easel, darker, ellipse, grained, mix, rgb

COLOURS: Final[dict[str, Colour]] = {
    name: rgb(value)
    for name, value in {
        "fog": "#c3ccce",
        "ink": "#2b3d52",
        "rust": "#b5532d",
        "moss": "#6f7f55",
        "chalk": "#efe8da",
        "natural": "#dfcfb2",
        "sun": "#e3a03a",
        "sea": "#3f6f78",
        "plum": "#6b3f5b",
        "rose": "#d9a393",
    }.items()
}

# What is drawn, before which backdrop, and where it stands; None lies flat or hangs.
SCENES: Final[dict[str, tuple[Drawing, str, float | None]]] = {
    "mug": (drawings.mug, "#e4d3bd", 690),
    "bowl": (drawings.bowl, "#d5dad3", 690),
    "vase": (drawings.vase, "#e6cfc3", 720),
    "candle": (drawings.candle, "#d8c3b0", 690),
    "tee": (drawings.tee, "#dfe1de", None),
    "tote": (drawings.tote, "#e2cdb9", None),
    "poster": (drawings.poster, "#d3dcdc", None),
    "notebook": (drawings.notebook, "#e6dac4", None),
    "pin": (drawings.pin, "#cbd5d6", None),
    "vinyl": (drawings.vinyl, "#e4cfc0", None),
    "beanie": (drawings.beanie, "#d9ddd2", None),
    "stickers": (drawings.stickers, "#ead2b2", None),
    "book": (drawings.book, "#dcd6c8", None),
    "album": (drawings.album, "#d2d8dc", None),
    "zine": (drawings.zine, "#dccfdb", None),
    "bookmark": (drawings.bookmark, "#d6dfd6", None),
}


def draw_product(what: str, colour: str) -> bytes:
    """A product of SCENES in a colour of COLOURS: a JPEG of 1,200 by 1,200 pixels."""
    drawing, backdrop, stands_at = SCENES[what]
    easel = Easel()
    drawing(easel, COLOURS[colour])
    return _jpeg(easel.framed(rgb(backdrop), stands_at=stands_at))


def draw_products(wanted: list[tuple[str, str]]) -> list[bytes]:
    """Several of them, on two cores."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda each: draw_product(*each), wanted))


def draw_cover(colour: str = "sea") -> bytes:
    """A store's cover: a window sill with the studio's pots, the tide behind it. A JPEG of 1,800 by 600 pixels."""
    sea = _sea(COLOURS[colour], sky=rgb("#f3dcc0"), sun_at=(700, 440)).crop((0, 352, SIDE, 752)).resize((1800, 600))
    cover = Image.new("RGB", (1800, 600))
    cover.paste(sea)
    cover.paste(rgb("#efe3d0"), (0, 540, 1800, 600))
    cover.paste(rgb("#d9c7ad"), (0, 540, 1800, 546))
    for what, tint, left, side in (("vase", "fog", 90, 560), ("bowl", "rust", 460, 500), ("mug", "chalk", 860, 400)):
        _stand(cover, what, tint, left=left, floor=572, side=side)
    return _jpeg(grained(cover))


def draw_poster() -> bytes:
    """A show's poster: pots in the beam of a stage lamp. A JPEG of 1,280 by 720 pixels."""
    poster = Image.new("RGB", (1280, 720), rgb("#17121d"))
    beam, pool = Image.new("L", (320, 180)), Image.new("L", (320, 180))
    ImageDraw.Draw(beam).polygon([(150, -20), (178, -20), (268, 150), (52, 150)], fill=120)
    ImageDraw.Draw(pool).ellipse((38, 128, 282, 172), fill=205)
    for light, tint, blur in ((beam, "#b97a4a", 9), (pool, "#e9b06c", 7)):
        soft = light.filter(ImageFilter.GaussianBlur(blur)).resize(poster.size, Image.Resampling.BICUBIC)
        poster.paste(rgb(tint), (0, 0, 1280, 720), soft)
    for what, tint, left, side in (("vase", "fog", 300, 560), ("bowl", "rust", 580, 460), ("mug", "ink", 190, 330)):
        _stand(poster, what, tint, left=left, floor=620, side=side)
    return _jpeg(grained(poster))


def _stand(picture: Image.Image, what: str, colour: str, *, left: int, floor: int, side: int) -> None:
    """Puts a thing on the ground of a wider picture, its shadow below it."""
    easel = Easel()
    SCENES[what][0](easel, COLOURS[colour])
    thing = easel.layer.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=2)
    bounds = thing.getbbox() or (0, 0, side, side)
    thing = thing.crop(bounds)
    shade = Image.new("L", (thing.width + 80, 80))
    ImageDraw.Draw(shade).ellipse((46, 26, thing.width + 46, 52), fill=150)
    left, top = left + bounds[0], floor - thing.height
    shadow = shade.filter(ImageFilter.GaussianBlur(9))
    picture.paste(Image.new("RGB", shade.size, rgb("#1a110c")), (left - 40, floor - 44), shadow)
    picture.paste(thing, (left, top), thing)


def _sea(colour: Colour, *, sky: Colour, sun_at: tuple[float, float]) -> Image.Image:
    easel = Easel()
    easel.shape([(0, 0), (1000, 0), (1000, 1000), (0, 1000)], sky, FLAT)
    easel.shape(ellipse(sun_at, 62, 62), rgb("#f2b552"), FLAT)
    for band in range(6):
        top = 462 + band * 34
        crest = [(s * 10, top + math.sin(s / 100 * math.tau * (1.3 + band * 0.3) + band * 1.9) * 9) for s in range(101)]
        shade = mix(mix(colour, sky, 0.6), darker(colour, 0.3), band / 5)
        easel.shape([*crest, (1000, 1000), (0, 1000)], shade, FLAT)
        glint = sun_at[0] + math.sin(band * 2.1) * 16
        light = [(glint - 30 + band * 3, top + 18), (glint + 30 - band * 3, top + 18)]
        easel.line(light, rgb("#f7cf86"), 4, 0.9 - band * 0.1)
    return easel.layer.reduce(2).convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=88, optimize=False)
    return kept.getvalue()


def main(folder: Path) -> None:
    """Writes every scene in a few colours, the cover and the poster."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(what, colour) for what in SCENES for colour in ("rust", "ink")]
    for (what, colour), picture in zip(wanted, draw_products(wanted), strict=True):
        (folder / f"{what}-{colour}.jpg").write_bytes(picture)
    (folder / "cover.jpg").write_bytes(draw_cover())
    (folder / "poster.jpg").write_bytes(draw_poster())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
