"""Code words: said on stream, typed by thumbs."""

import unicodedata


def plain_word(text: str) -> str:
    """A word as it is compared: without case, accents' spelling, spaces or punctuation. "Blue Moon!" is "bluemoon"."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())[:40]
