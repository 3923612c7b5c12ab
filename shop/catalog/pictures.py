"""Pictures as files: what is accepted, and the WebP renditions a page needs."""

import io
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from shop.core.errors import Invalid

FORMATS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
WIDTHS: Final = (320, 640, 960, 1280)
MOST_BYTES: Final = 20_000_000
MOST_PIXELS: Final = 50_000_000
QUALITY: Final = 80


class NotAPicture(Invalid):
    """What was sent is no picture that browsers show."""

    code = "not_a_picture"
    sentence = "This is not a JPEG, PNG, WebP or GIF picture, or it is damaged."


class PictureTooBig(Invalid):
    """Too heavy, or more pixels than memory should be spent on."""

    code = "picture_too_big"
    sentence = "A picture may have 20 MB and 50 million pixels at most."


def accept(content: bytes) -> tuple[bytes, str]:
    """A picture fit to publish and its file ending: upright, and without what the camera wrote into it.

    The header is read first, so that a small file that unpacks to gigabytes is refused before it does.
    Raises NotAPicture, PictureTooBig.
    """
    if len(content) > MOST_BYTES:
        raise PictureTooBig(field="picture")
    image = _decode(content)
    ending = FORMATS[image.format or ""]
    if image.getexif():
        content = _without_notes(image)
    return content, ending


def renditions(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(width, WebP bytes) for each width up to the picture's own; only the own width of a smaller one.

    Raises NotAPicture, PictureTooBig.
    """
    image = _decode(content)
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    for width in [width for width in WIDTHS if width <= image.width] or [image.width]:
        height = max(1, round(image.height * width / image.width))
        packed = io.BytesIO()
        image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0).save(
            packed, "WEBP", quality=QUALITY, method=2
        )
        yield width, packed.getvalue()


def _decode(content: bytes) -> Image.Image:
    """The whole picture in memory, its first frame where it moves."""
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(FORMATS))
        if image.width * image.height > MOST_PIXELS:
            raise PictureTooBig(field="picture")
        image.load()
    except Image.DecompressionBombError as bomb:
        raise PictureTooBig(field="picture") from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as damaged:
        raise NotAPicture(field="picture") from damaged
    return image


def _without_notes(image: Image.Image) -> bytes:
    """The same picture turned the right way up, without place, camera and thumbnail."""
    upright = ImageOps.exif_transpose(image)
    clean = io.BytesIO()
    upright.getexif().clear()
    upright.info.pop("exif", None)
    upright.save(clean, image.format, quality=92, icc_profile=upright.info.get("icc_profile"))
    return clean.getvalue()
