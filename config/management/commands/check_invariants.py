"""`manage.py check_invariants`: silent and 0 when everything that must be true is."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.invariants import INVARIANTS, broken_invariants


class Command(BaseCommand):
    help = "Check what must always be true; print the rows where it is not, and exit with 1."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = broken_invariants()
        for name, rows in broken.items():
            self.stderr.write(f"NOT TRUE: {name}")
            for row in rows:
                self.stderr.write(f"    {row}")
        if broken:
            sys.exit(1)
        self.stdout.write(f"{len(INVARIANTS)} invariants hold.")
