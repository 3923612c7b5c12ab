"""`manage.py seed_demo`: people, stores, goods and shows to look at."""

from typing import Any

from django.core.management.base import BaseCommand

from config.local.seed import seed
from shop.core import clock


class Command(BaseCommand):
    help = "Fill the shop with the demo's people, stores, goods and shows; run again, it adds what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing."""
        seed(at=clock.now())
