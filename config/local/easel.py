"""What the demo's pictures are drawn with: shapes with soft light on them, in a square of 1,000 by 1,000 units.

Everything is drawn twice as large as it is kept, so that edges are smooth, and is the same on every machine.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

SIDE = 1200
FINE = 2
UNIT = SIDE * FINE / 1000


def rgb(hex_colour: str) -> Colour:
    """ "#b5532d" as three numbers."""
    return int(hex_colour[1:3], 16), int(hex_colour[3:5], 16), int(hex_colour[5:7], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """One colour with this share (0 to 1) of another in it."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def lighter(colour: Colour, share: float) -> Colour:
    """With this share of white."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float) -> Colour:
    """With this share of a warm black."""
    return mix(colour, (24, 17, 14), share)


def smooth(points: Sequence[Point], steps: int = 12) -> list[Point]:
    """A Catmull-Rom curve through the points, from the first to the last."""
    ends = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        curve += [_between(a, b, c, d, step / steps) for step in range(steps)]
    return [*curve, points[-1]]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    def along(i: int) -> float:
        return 0.5 * (
            2 * b[i]
            + (c[i] - a[i]) * t
            + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * t**2
            + (3 * b[i] - a[i] - 3 * c[i] + d[i]) * t**3
        )

    return along(0), along(1)


def turned(centre: float, profile: Sequence[Point]) -> list[Point]:
    """The outline of a thing made on a wheel, from its (radius, height) profile."""
    curve = smooth(profile)
    return [(centre + r, y) for r, y in curve] + [(centre - r, y) for r, y in reversed(curve)]


def rotated(points: Sequence[Point], degrees: float, centre: Point) -> list[Point]:
    """The points turned clockwise about a centre."""
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    offsets = [(x - centre[0], y - centre[1]) for x, y in points]
    return [(centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos) for x, y in offsets]


def rectangle(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Its four corners."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def ellipse(centre: Point, across: float, down: float, steps: int = 72) -> list[Point]:
    """An outline from its two radii."""
    turns = [2 * math.pi * step / steps for step in range(steps)]
    return [(centre[0] + across * math.cos(turn), centre[1] + down * math.sin(turn)) for turn in turns]


# How light falls: (position from left to right, lightness from -1 to 1).
ROUND = ((0.0, -0.34), (0.16, -0.06), (0.34, 0.2), (0.6, 0.0), (1.0, -0.42))
CLOTH = ((0.0, -0.12), (0.3, 0.06), (0.7, 0.0), (1.0, -0.16))
FLAT = ((0.0, 0.05), (1.0, -0.05))
INSIDE = ((0.0, -0.5), (0.5, -0.28), (1.0, -0.1))
Light = Sequence[tuple[float, float]]


def lit(colour: Colour, light: Light) -> Image.Image:
    """A strip one pixel high: the colour under this light."""
    strip = Image.new("RGB", (128, 1))
    for x in range(128):
        at = x / 127
        (x0, v0), (x1, v1) = next(pair for pair in itertools.pairwise(light) if at <= pair[1][0])
        ease = (1 - math.cos(math.pi * (at - x0) / (x1 - x0))) / 2
        value = v0 + (v1 - v0) * ease
        strip.putpixel((x, 0), lighter(colour, value) if value > 0 else darker(colour, -value))
    return strip


class Easel:
    """A square to draw on; what is on it throws a shadow when it is framed."""

    def __init__(self) -> None:
        self.layer = Image.new("RGBA", (SIDE * FINE, SIDE * FINE))

    def shape(self, outline: Sequence[Point], colour: Colour, light: Light = FLAT, opacity: float = 1.0) -> None:
        """A filled outline under a light."""
        self._put([outline], colour, light, opacity)

    def speckle(self, outline: Sequence[Point], colour: Colour, seed: int, count: int = 150) -> None:
        """Iron spots in the glaze, only inside the outline."""
        box = _box(outline)
        dice, spots = random.Random(seed), []
        for _ in range(count):
            centre = dice.uniform(box[0], box[2]) / UNIT, dice.uniform(box[1], box[3]) / UNIT
            spots.append(ellipse(centre, dice.uniform(0.8, 2.4), dice.uniform(0.8, 2.4), steps=8))
        mask = ImageChops.multiply(_mask([outline], box), _mask(spots, box))
        self.layer.paste(Image.new("RGB", mask.size, colour), box[:2], mask.point([v * 6 // 10 for v in range(256)]))

    def line(self, points: Sequence[Point], colour: Colour, width: float, opacity: float = 1.0) -> None:
        """A stroke with round ends."""
        reach = width / 2
        dots = [ellipse(point, reach, reach, steps=20) for point in points]
        pieces = [_strip(a, b, reach) for a, b in itertools.pairwise(points) if a != b]
        self._put([*dots, *pieces], colour, FLAT, opacity)

    def glow(self, outline: Sequence[Point], colour: Colour, blur: float, opacity: float) -> None:
        """A soft patch of light or shade that stays on what is already drawn."""
        reach = 3 * blur
        around = [(x + dx, y + dy) for x, y in outline for dx in (-reach, reach) for dy in (-reach, reach)]
        box = _box(around)
        soft = _blurred(_mask([outline], box), blur * UNIT).point([round(v * opacity) for v in range(256)])
        mask = ImageChops.multiply(soft, self.layer.getchannel("A").crop(box))
        self.layer.paste(Image.new("RGB", mask.size, colour), box[:2], mask)

    def _put(self, outlines: Sequence[Sequence[Point]], colour: Colour, light: Light, opacity: float) -> None:
        box = _box([point for outline in outlines for point in outline])
        mask = _mask(outlines, box)
        if opacity < 1:
            mask = mask.point([round(v * opacity) for v in range(256)])
        fill = lit(colour, light).resize(mask.size, Image.Resampling.BILINEAR)
        fill.putalpha(mask)
        self.layer.alpha_composite(fill, box[:2])

    def framed(self, backdrop: Colour, *, stands_at: float | None = None) -> Image.Image:
        """The finished picture: backdrop, shadow, what was drawn, grain. `stands_at` is where the table begins."""
        drawn = self.layer.reduce(FINE)
        picture = _room(backdrop, stands_at)
        shadow = _shadow(drawn.getchannel("A"), falls_down=stands_at is None)
        picture.paste(Image.new("RGB", picture.size, darker(backdrop, 0.75)), (0, 0), shadow)
        picture.paste(drawn, (0, 0), drawn)
        return grained(picture)


def grained(picture: Image.Image) -> Image.Image:
    """With a grain as fine as paper's, which also hides the steps in a gradient."""
    return ImageChops.overlay(picture, _grain().resize(picture.size, Image.Resampling.NEAREST))


def _box(points: Sequence[Point]) -> tuple[int, int, int, int]:
    xs, ys = [x * UNIT for x, _ in points], [y * UNIT for _, y in points]
    most = SIDE * FINE
    return (
        max(0, math.floor(min(xs))),
        max(0, math.floor(min(ys))),
        min(most, math.ceil(max(xs)) + 1),
        min(most, math.ceil(max(ys)) + 1),
    )


def _mask(outlines: Sequence[Sequence[Point]], box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
    draw = ImageDraw.Draw(mask)
    for outline in outlines:
        draw.polygon([(x * UNIT - box[0], y * UNIT - box[1]) for x, y in outline], fill=255)
    return mask


def _strip(a: Point, b: Point, reach: float) -> list[Point]:
    length = math.dist(a, b)
    across, down = (b[1] - a[1]) / length * reach, (b[0] - a[0]) / length * reach
    return [
        (a[0] + across, a[1] - down),
        (b[0] + across, b[1] - down),
        (b[0] - across, b[1] + down),
        (a[0] - across, a[1] + down),
    ]


def _blurred(mask: Image.Image, blur: float) -> Image.Image:
    """Blurred as a small picture, which looks the same and is a hundred times less work."""
    small = mask.resize((max(1, mask.width // 8), max(1, mask.height // 8)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(blur / 8)).resize(mask.size, Image.Resampling.BICUBIC)


def _shadow(alpha: Image.Image, *, falls_down: bool) -> Image.Image:
    small = alpha.resize((200, 200), Image.Resampling.BILINEAR)
    if falls_down:
        cast = ImageChops.offset(small, 3, 7).filter(ImageFilter.GaussianBlur(7))
        return cast.point([v * 42 // 100 for v in range(256)]).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    bounds = small.getbbox() or (0, 0, 200, 200)
    lying = Image.new("L", (200, 200))
    left, right, floor = bounds[0], bounds[2], bounds[3]
    reach = (right - left) // 12
    ImageDraw.Draw(lying).ellipse((left + reach, floor - 9, right + 2 * reach, floor + 4), fill=150)
    wide = lying.filter(ImageFilter.GaussianBlur(6))
    near = Image.new("L", (200, 200))
    ImageDraw.Draw(near).ellipse((left + 2 * reach, floor - 5, right - reach, floor + 1), fill=190)
    near = near.filter(ImageFilter.GaussianBlur(2))
    return ImageChops.lighter(wide, near).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _room(backdrop: Colour, stands_at: float | None) -> Image.Image:
    """A wall with light from the left and, where things stand, a table before it."""
    away = Image.radial_gradient("L").resize((SIDE * 2, SIDE * 2), Image.Resampling.BICUBIC)
    dusk = away.crop((SIDE * 7 // 10, SIDE * 8 // 10, SIDE * 17 // 10, SIDE * 18 // 10))
    wall = Image.new("RGB", (SIDE, SIDE), lighter(backdrop, 0.24))
    wall.paste(Image.new("RGB", wall.size, darker(backdrop, 0.1)), (0, 0), dusk)
    if stands_at is None:
        return wall
    top = round(stands_at * SIDE / 1000)
    fade = Image.linear_gradient("L").resize((SIDE, SIDE - top)).point([40 + v // 4 for v in range(256)])
    wall.paste(Image.new("RGB", fade.size, lighter(backdrop, 0.62)), (0, top), fade)
    return wall


@functools.cache
def _grain() -> Image.Image:
    noise = bytes(125 + value % 7 for value in random.Random(11).randbytes(SIDE * SIDE))
    return Image.frombytes("L", (SIDE, SIDE), noise).convert("RGB")


Drawing = Callable[[Easel, Colour], None]
