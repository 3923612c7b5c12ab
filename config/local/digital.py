"""The demo's files: a small book as PDF and a few recordings in an archive, both real and made on the spot."""

import io
import math
import random
import struct
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A5
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from config.local.pictures import draw_product

WIDTH, HEIGHT = A5
INK, SOFT, SUN = HexColor("#1d1915"), HexColor("#645b51"), HexColor("#e8a33d")
RATE: Final = 22_050
SECONDS: Final = 6

CHAPTERS: Final = (
    (
        "Wedge until it bores you",
        (
            "Clay remembers. If you hand it to the wheel with air in it, it will hand the air back to you at the worst "
            "moment, which is when the wall has become thin and you have begun to be proud.",
            "Push, roll, turn. Forty times. You are not kneading bread: nothing should fold in. When the cut face "
            "looks like wet slate, stop.",
        ),
        "mug",
    ),
    (
        "The centre is not a place",
        (
            "Beginners look for the centre with their eyes. It is in the elbow. Lock the left one against your hip "
            "and let the clay find out that you will not move.",
            "Water is for your hands, not for the clay. Use half of what you think.",
        ),
        "bowl",
    ),
    (
        "Keep the third one",
        (
            "The first bowl teaches you where the floor is, by having none. The second is too thick to love. The "
            "third is a bowl. Cut the first two in half with the wire and look at the walls: that is the lesson.",
            "Sign it. Number it. Eat soup from it.",
        ),
        "vase",
    ),
)


def make_digital(name: str, path: Path) -> None:
    """Writes the demo's file of this name, "first-bowls.pdf" or "slack-tide-recordings.zip", to a path.

    Raises KeyError for any other name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(FILES[name]())


def _first_bowls() -> bytes:
    kept = io.BytesIO()
    book = Canvas(kept, pagesize=A5, invariant=True)
    book.setTitle("First Bowls")
    book.setAuthor("Cora Thomsen, Saltware Studio")
    _cover(book)
    for number, (title, paragraphs, what) in enumerate(CHAPTERS, start=1):
        _chapter(book, number, title, paragraphs, what)
    book.save()
    return kept.getvalue()


def _cover(book: Canvas) -> None:
    book.setFillColor(HexColor("#3f6f78"))
    book.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
    picture = ImageReader(io.BytesIO(draw_product("bowl", "chalk")))
    book.drawImage(picture, 40, 90, WIDTH - 80, WIDTH - 80)
    book.setFillColor(HexColor("#f7f1e6"))
    book.setFont("Helvetica-Bold", 40)
    book.drawString(40, HEIGHT - 90, "First Bowls")
    book.setFont("Helvetica", 12)
    book.drawString(40, HEIGHT - 114, "What Cora says on a Saturday")
    book.drawString(40, 50, "Saltware Studio")
    book.showPage()


def _chapter(book: Canvas, number: int, title: str, paragraphs: tuple[str, ...], what: str) -> None:
    book.setFillColor(SUN)
    book.setFont("Helvetica-Bold", 60)
    book.drawString(40, HEIGHT - 100, str(number))
    book.setFillColor(INK)
    book.setFont("Helvetica-Bold", 20)
    book.drawString(40, HEIGHT - 140, title)
    line = book.beginText(40, HEIGHT - 176)
    line.setFont("Helvetica", 11, leading=17)
    for paragraph in paragraphs:
        line.textLines(_wrapped(book, paragraph))
        line.textLine("")
    book.drawText(line)
    book.drawImage(ImageReader(io.BytesIO(draw_product(what, "fog"))), 40, 64, 150, 150)
    book.setFillColor(SOFT)
    book.setFont("Helvetica", 9)
    book.drawRightString(WIDTH - 40, 40, f"{number + 1}")
    book.showPage()


def _wrapped(book: Canvas, paragraph: str) -> list[str]:
    lines = [""]
    for word in paragraph.split():
        longer = f"{lines[-1]} {word}".strip()
        if book.stringWidth(longer, "Helvetica", 11) <= WIDTH - 80:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _recordings() -> bytes:
    kept = io.BytesIO()
    made_at = (2026, 3, 1, 12, 0, 0)
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(("High water", "Slack", "Low water"), start=1):
            archive.writestr(zipfile.ZipInfo(f"Slack Tide/{number} {name}.wav", made_at), _tide(seed=number))
        archive.writestr(zipfile.ZipInfo("Slack Tide/Cover.jpg", made_at), draw_product("album", "plum"))
        notes = "Slack Tide\nRecorded from the roof of Saltware Studio.\n\n1 High water\n2 Slack\n3 Low water\n"
        archive.writestr(zipfile.ZipInfo("Slack Tide/Sleeve notes.txt", made_at), notes)
    return kept.getvalue()


def _tide(*, seed: int) -> bytes:
    """Waves as filtered noise that swells and falls: 16 bit, mono."""
    dice, level, samples = random.Random(seed), 0.0, bytearray()
    for step in range(RATE * SECONDS):
        level += (dice.random() - 0.5 - level) * 0.06
        swell = 0.35 + 0.65 * math.sin(step / RATE * math.pi / (2.2 + seed * 0.4)) ** 2
        samples += struct.pack("<h", round(level * swell * 42_000))
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(samples))
    return kept.getvalue()


FILES: Final[dict[str, Callable[[], bytes]]] = {
    "first-bowls.pdf": _first_bowls,
    "slack-tide-recordings.zip": _recordings,
}
