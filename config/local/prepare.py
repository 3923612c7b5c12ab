"""`python -m config.local.prepare`: migrations, static files and the seed, a line with the time for each.

All in one process, because starting Django costs a second each time.
"""

import sys

import django
from django.core.management import call_command

from config.local.say import Progress


def main() -> int:
    progress = Progress(sys.stdout)
    with progress.step("Django"):
        django.setup()
    with progress.step("migrations"):
        call_command("migrate", interactive=False, verbosity=0)
    with progress.step("static files"):
        call_command("collectstatic", interactive=False, verbosity=0)
    with progress.step("seed"):
        call_command("seed_demo", verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
