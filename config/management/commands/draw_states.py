"""`manage.py draw_states`: write docs/states.md anew."""

from typing import Any

from django.core.management.base import BaseCommand

from config.diagrams import PLACE, draw_all


class Command(BaseCommand):
    help = "Draw the state diagrams from the tables of moves."

    def handle(self, *args: Any, **options: Any) -> None:
        PLACE.write_text(draw_all())
        self.stdout.write(f"wrote {PLACE}")
