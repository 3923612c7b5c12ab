"""What one card, and one address, may have of a sale: as much as one person."""

from django.db import models


class Limit(models.TextChoices):
    """Why an authorised payment was not taken."""

    CARD = "card_limit"
    ADDRESS = "address_limit"
