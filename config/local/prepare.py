"""`python -m config.local.prepare`: migrations, static files and the seed, a line with the time for each.

All in one process, because starting Django costs a second each time.
"""

import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from config.local.say import Progress, Trouble, answer_for


def main() -> int:
    progress = Progress(sys.stdout)
    with progress.step("Django"):
        _set_up()
    with progress.step("migrations"):
        call_command("migrate", interactive=False, verbosity=0)
    with progress.step("static files"):
        call_command("collectstatic", interactive=False, verbosity=0)
    with progress.step("seed"):
        call_command("seed_demo", verbosity=0)
    return 0


def _set_up() -> None:
    try:
        django.setup()
    except ImproperlyConfigured as incomplete:
        raise Trouble(str(incomplete)) from incomplete


if __name__ == "__main__":
    sys.exit(answer_for(main))
