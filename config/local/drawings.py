"""The demo's goods, each drawn in a colour: a potter's shelf, a printer's table, a few soft things."""

import math
from collections.abc import Sequence

from config.local.easel import (
    CLOTH,
    FLAT,
    INSIDE,
    ROUND,
    Colour,
    Easel,
    Point,
    darker,
    ellipse,
    lighter,
    mix,
    rectangle,
    rgb,
    rotated,
    smooth,
    turned,
)

CLAY = rgb("#b98a63")
PAPER = rgb("#f7f1e6")
NIGHT = rgb("#22303f")
SUN = rgb("#e8a33d")
RUST = rgb("#b5532d")
SEA = rgb("#3f6f78")
FOG = rgb("#c8d0d2")


def mug(easel: Easel, colour: Colour) -> None:
    """A mug with its handle to the right, bare clay at the foot."""
    handle = smooth([(640, 440), (760, 430), (800, 540), (760, 650), (630, 670)])
    easel.line(handle, darker(colour, 0.28), 62)
    easel.line([(x - 4, y - 6) for x, y in handle], darker(colour, 0.06), 44)
    body = turned(470, [(188, 350), (192, 420), (194, 560), (190, 690), (178, 762), (150, 782)])
    _thrown(easel, body, colour, rim=(470, 350, 188, 34), foot=(470, 752))


def bowl(easel: Easel, colour: Colour) -> None:
    """A wide bowl, a brush mark round it."""
    body = turned(500, [(330, 450), (318, 540), (262, 650), (180, 722), (128, 752), (124, 782)])
    _thrown(easel, body, colour, rim=(500, 450, 330, 62), foot=(500, 742))
    mark = smooth([(208, 560), (340, 606), (500, 622), (660, 606), (792, 560)])
    easel.line(mark, lighter(colour, 0.5), 12, 0.5)


def vase(easel: Easel, colour: Colour) -> None:
    """A tall vase with a narrow neck, three dry stems in it."""
    for stem, head in (
        ([(496, 330), (480, 210), (420, 110)], 26),
        ([(500, 330), (508, 190), (520, 70)], 30),
        ([(506, 330), (548, 230), (612, 150)], 22),
    ):
        easel.line(smooth(stem), rgb("#8a7550"), 7)
        _seed_head(easel, stem[-1], head)
    body = turned(500, [(70, 330), (62, 370), (80, 430), (170, 530), (206, 640), (186, 740), (120, 806), (104, 822)])
    _thrown(easel, body, colour, rim=(500, 330, 70, 14), foot=(500, 778))


def _seed_head(easel: Easel, at: Point, size: float) -> None:
    for ring in range(5):
        spread = size * (1 - ring / 6)
        easel.shape(
            ellipse((at[0], at[1] + ring * size * 0.34 - size), spread * 0.62, size * 0.42), rgb("#c7a56a"), ROUND
        )


def _thrown(
    easel: Easel, body: Sequence[Point], colour: Colour, *, rim: tuple[float, float, float, float], foot: Point
) -> None:
    """Glaze over clay: body, bare foot, speckles, a highlight, the rim and what one sees inside."""
    easel.shape(body, colour, ROUND)
    bare = [(x, y) for x, y in body if y >= foot[1]]
    if len(bare) > 3:
        easel.shape(bare, CLAY, ROUND)
    easel.speckle([(x, y) for x, y in body if y <= foot[1]], darker(colour, 0.7), seed=sum(colour))
    x, y, across, down = rim
    easel.glow(ellipse((x - across * 0.45, y + 160), across * 0.13, 110), (255, 255, 255), 26, 0.4)
    easel.shape(ellipse((x, y), across, down), lighter(colour, 0.18), ROUND)
    easel.shape(ellipse((x, y + 2), across - 12, down - 7 if down > 14 else down - 4), darker(colour, 0.3), INSIDE)


def candle(easel: Easel, colour: Colour) -> None:
    """Wax in a stoneware cup, lit."""
    body = turned(500, [(196, 430), (201, 540), (201, 690), (188, 762), (160, 782)])
    _thrown(easel, body, colour, rim=(500, 430, 196, 42), foot=(500, 752))
    easel.shape(ellipse((500, 440), 176, 32), rgb("#f6ead0"), FLAT)
    easel.shape(ellipse((500, 437), 66, 13), rgb("#fff6dc"), FLAT)
    easel.line([(500, 430), (503, 386)], rgb("#3a2a20"), 7)
    flame = smooth([(503, 408), (471, 372), (480, 328), (505, 262), (528, 328), (536, 372), (503, 408)])
    easel.shape(flame, rgb("#f7b136"), FLAT)
    easel.shape([(503 + (x - 503) * 0.55, 403 + (y - 403) * 0.55) for x, y in flame], rgb("#fff3c4"), FLAT)
    easel.shape(rectangle(406, 566, 594, 686), PAPER, CLOTH)
    easel.line([(438, 606), (562, 606)], NIGHT, 7)
    easel.line([(438, 638), (524, 638)], NIGHT, 5, 0.6)


def tee(easel: Easel, colour: Colour) -> None:
    """A T-shirt laid flat, a wave on its chest."""
    left = [(402, 190), (300, 226), (236, 276), (150, 430), (258, 500), (304, 424), (300, 600), (296, 838)]
    outline = [*left, *[(1000 - x, y) for x, y in reversed(left)]]
    easel.shape(outline, colour, CLOTH)
    for fold in (
        [(330, 470), (350, 620), (330, 780)],
        [(668, 450), (640, 600), (664, 790)],
        [(480, 720), (500, 790), (470, 838)],
    ):
        easel.glow([(x + d, y) for x, y in smooth(fold) for d in (-9, 9)], darker(colour, 0.6), 16, 0.5)
    for seam in ([(304, 424), (318, 320), (300, 226)], [(696, 424), (682, 320), (700, 226)]):
        easel.line(smooth(seam), darker(colour, 0.3), 4, 0.7)
    neck = smooth([(402, 190), (440, 236), (500, 252), (560, 236), (598, 190)])
    easel.shape([*neck, (560, 184), (500, 194), (440, 184)], darker(colour, 0.45), FLAT)
    easel.line(neck, darker(colour, 0.16), 16)
    _waves(easel, (500, 420), 96, lighter(colour, 0.75) if sum(colour) < 400 else RUST)


def _waves(easel: Easel, centre: Point, reach: float, colour: Colour, rows: int = 3) -> None:
    """The store's mark: a sun over waves."""
    x, y = centre
    easel.shape(ellipse((x, y - reach * 0.42), reach * 0.34, reach * 0.34), colour, FLAT)
    for row in range(rows):
        base = y + reach * (0.16 + row * 0.3)
        steps = [
            (x - reach + reach * 2 * s / 24, base - math.sin(s / 24 * math.tau * 2) * reach * 0.085) for s in range(25)
        ]
        easel.line(steps, colour, reach * 0.09)


def tote(easel: Easel, colour: Colour) -> None:
    """A canvas bag hanging by its handles."""
    for shift, tone in ((14, 0.25), (0, 0.08)):
        strap = smooth([(390, 400), (386, 250), (430, 150), (500, 122), (570, 150), (614, 250), (610, 400)])
        easel.line([(x + shift, y - shift) for x, y in strap], darker(colour, tone), 30)
    body = [(270, 360), (730, 360), (752, 846), (740, 862), (260, 862), (248, 846)]
    easel.shape(body, colour, CLOTH)
    easel.glow(rectangle(300, 700, 330, 850), darker(colour, 0.6), 24, 0.5)
    easel.glow(rectangle(640, 420, 670, 640), darker(colour, 0.6), 26, 0.4)
    easel.line([(272, 396), (728, 396)], darker(colour, 0.25), 4, 0.7)
    for x in (390, 610):
        easel.shape(rectangle(x - 15, 360, x + 15, 420), darker(colour, 0.08), FLAT)
    _waves(easel, (500, 622), 130, NIGHT if sum(colour) > 400 else PAPER)


def poster(easel: Easel, colour: Colour) -> None:
    """A print of low water: a sun, its light on the sea, layers of tide."""
    easel.shape(rectangle(236, 110, 764, 856), PAPER, FLAT)
    easel.shape(rectangle(272, 146, 728, 790), mix(colour, PAPER, 0.72), FLAT)
    easel.shape(ellipse((560, 336), 104, 104), SUN, FLAT)
    for band in range(6):
        top = 430 + band * 60
        crest = [
            (272 + 456 * s / 40, top + math.sin(s / 40 * math.tau * (1.1 + band * 0.22) + band * 1.7) * (17 - band))
            for s in range(41)
        ]
        easel.shape([*crest, (728, 790), (272, 790)], mix(mix(colour, PAPER, 0.5), darker(colour, 0.5), band / 5), FLAT)
    for glint in range(5):
        easel.line([(534 + glint * 7, 466 + glint * 54), (596 - glint * 9, 466 + glint * 54)], SUN, 9, 0.85)
    easel.line([(272, 822), (378, 822)], darker(PAPER, 0.6), 5, 0.7)
    easel.line([(690, 822), (728, 822)], darker(PAPER, 0.6), 5, 0.7)


def notebook(easel: Easel, colour: Colour) -> None:
    """A sewn notebook with an elastic band and a label."""
    centre = (500, 500)
    for sheet, tone in ((14, 0.16), (9, 0.02), (4, 0.1)):
        easel.shape(
            rotated(rectangle(268 + sheet, 170 + sheet, 728 + sheet, 822 + sheet), -6, centre),
            darker(PAPER, tone),
            FLAT,
        )
    easel.shape(rotated(rectangle(262, 162, 724, 816), -6, centre), colour, CLOTH)
    easel.shape(rotated(rectangle(262, 162, 322, 816), -6, centre), darker(colour, 0.3), FLAT)
    easel.shape(rotated(rectangle(392, 300, 630, 420), -6, centre), PAPER, FLAT)
    for y, right in ((344, 590), (376, 530)):
        easel.line(rotated([(426, y), (right, y)], -6, centre), NIGHT, 6, 0.8)
    easel.shape(rotated(rectangle(664, 160, 682, 818), -6, centre), darker(colour, 0.55), FLAT)


def pin(easel: Easel, colour: Colour) -> None:
    """A whale's tail in enamel, edged in brass, on its card."""
    easel.shape(rectangle(270, 150, 730, 850), PAPER, FLAT)
    easel.shape(ellipse((500, 214), 17, 17), rgb("#cfc4b0"), FLAT)
    upper = smooth([(326, 430), (392, 372), (452, 400), (500, 470), (548, 400), (608, 372), (674, 430)])
    lower = smooth([(674, 430), (612, 424), (560, 470), (536, 530), (500, 574), (464, 530), (440, 470), (388, 424)])
    tail = [*upper, *lower, upper[0]]
    easel.line(tail, rgb("#8d6a2c"), 30)
    easel.line(tail, rgb("#dcb35e"), 20)
    easel.shape(tail, colour, FLAT)
    easel.line([(500, 486), (500, 556)], rgb("#dcb35e"), 7)
    easel.glow(ellipse((590, 396), 46, 10), (255, 255, 255), 10, 0.8)
    easel.line([(400, 706), (600, 706)], NIGHT, 8)
    easel.line([(440, 742), (560, 742)], NIGHT, 5, 0.5)


def vinyl(easel: Easel, colour: Colour) -> None:
    """A record half out of its sleeve."""
    disc = (620, 500)
    easel.shape(ellipse(disc, 296, 296, 120), rgb("#1b191d"), CLOTH)
    for groove in range(9):
        ring = ellipse(disc, 278 - groove * 17, 278 - groove * 17, 90)
        easel.line([*ring, ring[0]], rgb("#39353d"), 1.6, 0.8)
    easel.glow([disc, (820, 260), (880, 340)], (255, 255, 255), 18, 0.35)
    easel.shape(ellipse(disc, 100, 100), SUN, FLAT)
    easel.shape(ellipse(disc, 12, 12), PAPER, FLAT)
    easel.shape(rectangle(140, 200, 640, 800), colour, FLAT)
    for band in range(9):
        y = 470 + band * 36
        crest = [
            (140 + 500 * s / 40, y + math.sin(s / 40 * math.tau * 1.5 + band * 0.7) * (4 + band * 1.6))
            for s in range(41)
        ]
        easel.line(crest, mix(lighter(colour, 0.6), SUN, band / 12), 5)
    easel.shape(ellipse((390, 360), 70, 70), lighter(colour, 0.72), FLAT)
    easel.glow(rectangle(628, 200, 640, 800), (0, 0, 0), 14, 0.6)


def beanie(easel: Easel, colour: Colour) -> None:
    """A ribbed hat with a turned-up edge."""
    dome = smooth(
        [(250, 620), (256, 480), (310, 330), (410, 236), (500, 214), (590, 236), (690, 330), (744, 480), (750, 620)]
    )
    easel.shape(dome, colour, ROUND)
    for rib in range(-6, 7):
        curve = smooth([(500 + rib * 38, 620), (500 + rib * 36, 450), (500 + rib * 22, 300), (500 + rib * 5, 218)])
        easel.line(curve, darker(colour, 0.34), 5, 0.6)
        easel.line([(x + 7, y) for x, y in curve], lighter(colour, 0.2), 4, 0.45)
    cuff = [
        *smooth([(232, 600), (360, 584), (500, 580), (640, 584), (768, 600)]),
        (772, 742),
        *smooth([(772, 742), (640, 764), (500, 770), (360, 764), (228, 742)]),
    ]
    easel.shape(cuff, lighter(colour, 0.05), ROUND)
    for rib in range(-12, 13):
        easel.line(
            [(500 + rib * 21.6, 594 + abs(rib)), (500 + rib * 21.9, 756 - abs(rib))], darker(colour, 0.36), 5, 0.55
        )
    easel.shape(rectangle(566, 636, 656, 716), PAPER, FLAT)
    _waves(easel, (611, 676), 28, NIGHT, rows=2)


def stickers(easel: Easel, colour: Colour) -> None:
    """A sheet of six stickers."""
    easel.shape(rectangle(256, 130, 744, 870), lighter(colour, 0.88), FLAT)
    for row, column in ((r, c) for r in range(3) for c in range(2)):
        spot = (386 + column * 228, 262 + row * 238)
        easel.shape(ellipse(spot, 96, 96), (255, 255, 255), FLAT)
        _sticker(easel, row * 2 + column, spot, colour)


def _sticker(easel: Easel, which: int, at: Point, colour: Colour) -> None:
    x, y = at
    ground = (colour, SUN, SEA, NIGHT, RUST, FOG)[which]
    easel.shape(ellipse(at, 86, 86), ground, FLAT)
    mark = NIGHT if sum(ground) > 420 else PAPER
    match which:
        case 0 | 3:
            _waves(easel, at, 50, mark)
        case 1:
            easel.line(
                smooth([(x - 52, y + 4), (x - 24, y - 26), (x, y + 8), (x + 26, y - 28), (x + 54, y - 4)]), mark, 12
            )
        case 2:
            cup = turned(x - 6, [(32, y - 30), (33, y + 12), (26, y + 38)])
            easel.line(smooth([(x + 26, y - 14), (x + 48, y), (x + 24, y + 18)]), mark, 9)
            easel.shape(cup, mark, FLAT)
        case 4:
            easel.shape([(x - 14, y + 48), (x + 14, y + 48), (x + 9, y - 24), (x - 9, y - 24)], mark, FLAT)
            easel.shape(ellipse((x, y - 34), 14, 12), SUN, FLAT)
        case _:
            easel.shape(turned(x, [(10, y - 46), (9, y - 30), (34, y + 14), (20, y + 46)]), mark, FLAT)


def book(easel: Easel, colour: Colour) -> None:
    """An e-book, shown as the book it would be."""
    easel.shape([(318, 176), (718, 150), (736, 168), (736, 836), (330, 852)], darker(PAPER, 0.12), FLAT)
    easel.shape([(296, 168), (700, 150), (700, 834), (296, 852)], colour, CLOTH)
    easel.shape([(296, 168), (332, 166), (332, 850), (296, 852)], darker(colour, 0.3), FLAT)
    easel.line([(388, 262), (628, 250)], PAPER, 14)
    easel.line([(388, 306), (560, 298)], PAPER, 14)
    easel.line([(388, 350), (480, 346)], PAPER, 5, 0.6)
    cup = turned(514, [(128, 500), (122, 560), (96, 650), (64, 700)])
    easel.shape(cup, PAPER, ROUND)
    easel.shape(ellipse((514, 500), 128, 24), darker(PAPER, 0.2), INSIDE)


def album(easel: Easel, colour: Colour) -> None:
    """A recording: its cover, and the sound of it as bars."""
    easel.shape(rectangle(190, 190, 810, 810), colour, FLAT)
    for bar in range(31):
        tall = 26 + 150 * abs(math.sin(bar * 0.61) * math.sin(bar * 0.23 + 0.4))
        x = 254 + bar * 16.4
        easel.line([(x, 500 - tall), (x, 500 + tall)], mix(PAPER, SUN, bar / 31), 8)
    easel.line([(254, 744), (420, 744)], PAPER, 7, 0.8)
    easel.line([(690, 744), (746, 744)], PAPER, 7, 0.5)


def zine(easel: Easel, colour: Colour) -> None:
    """A stapled booklet with a moth on it."""
    centre = (500, 500)
    for under in (16, 8):
        easel.shape(
            rotated(rectangle(300 + under, 190 + under, 720 + under, 820 + under), 4, centre),
            darker(PAPER, 0.08 + under / 160),
            FLAT,
        )
    easel.shape(rotated(rectangle(296, 182, 716, 812), 4, centre), colour, FLAT)
    wings = smooth([(506, 470), (420, 380), (340, 390), (360, 480), (430, 520), (390, 580), (430, 640), (506, 560)])
    for wing in (wings, [(1012 - x, y) for x, y in wings]):
        easel.shape(rotated(wing, 4, centre), PAPER, FLAT)
    easel.line(rotated([(506, 420), (506, 640)], 4, centre), darker(colour, 0.5), 24)
    for y in (330, 664):
        easel.line(rotated([(303, y), (303, y + 40)], 4, centre), rgb("#9a968e"), 6)


def bookmark(easel: Easel, colour: Colour) -> None:
    """A long card with a tassel."""
    easel.line(smooth([(500, 190), (520, 130), (590, 110), (610, 190), (600, 300)]), RUST, 9)
    easel.shape(rectangle(410, 160, 590, 860), colour, FLAT)
    easel.shape(ellipse((500, 200), 14, 14), darker(colour, 0.6), FLAT)
    for dot in range(7):
        easel.shape(
            ellipse((500, 330 + dot * 70), 34 - abs(dot - 3) * 5, 34 - abs(dot - 3) * 5), mix(PAPER, SUN, dot / 6), FLAT
        )
