"""`manage.py check_invariants`: silent and 0 when everything that must be true is."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.invariants import ALWAYS, INVARIANTS, broken_invariants


class Command(BaseCommand):
    help = "Check what must always be true; print the rows where it is not, and exit with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stopped", action="store_true", help="Only what holds without tick: for a backup, or a house at rest."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        invariants = ALWAYS if options["stopped"] else INVARIANTS
        broken = broken_invariants(invariants)
        for name, rows in broken.items():
            self.stderr.write(f"NOT TRUE: {name}")
            for row in rows:
                self.stderr.write(f"    {row}")
        if broken:
            sys.exit(1)
        self.stdout.write(f"{len(invariants)} invariants hold.")
