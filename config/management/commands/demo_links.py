"""`manage.py demo_links`: a line for each demo person, their name, a tab and the link that signs them in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.local.entrance import sign_in_link
from config.local.people import PEOPLE


class Command(BaseCommand):
    help = "Print the sign-in links of the demo's people."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them; outside the demo there are none."""
        if not settings.DEMO:
            raise CommandError("Sign-in links exist only in the demo (STAGEDOOR_DEMO=1).")
        for person in PEOPLE:
            self.stdout.write(f"{person.name}, {person.does}\t{sign_in_link(person)}")
