"""Signed links to one file of one right, good for ten minutes. A fresh one is made at each click."""

from django.core import signing

LASTS_S = 600
SIGNER = signing.TimestampSigner(salt="download")


def sign(*, right_id: int, file_id: int) -> str:
    """What goes into the address of a download."""
    return SIGNER.sign(f"{right_id}-{file_id}")


def read(signed: str) -> tuple[int, int] | None:
    """The ids of the right and the file; None where the link was tampered with or is older than ten minutes."""
    try:
        right_id, file_id = SIGNER.unsign(signed, max_age=LASTS_S).split("-")
    except signing.BadSignature:
        return None
    return int(right_id), int(file_id)
