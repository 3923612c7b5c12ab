"""Code words: said on stream, typed by thumbs."""

import unicodedata


def plain_word(text: str) -> str:
    """A word as it is compared: without case, accents, spaces or punctuation. "Café Noir!" is "cafenoir"."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())[:40]
