"""The clock of the house: `python -m config.tick`.

It frees holds, serves the line, ends drops, relays facts and sees payments through, with or without Celery and Redis.
Any number may run; one leads. What it does is found again by rows, so it may die at any moment, and it stops at once
on SIGTERM. What it does and how often is the table in `config/chores.py`.
"""

import logging
import os
import signal

import django
import structlog


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings

    from config.clock import Clock
    from config.monitor import serve

    clock = Clock()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, clock.stop)
    if settings.METRICS_PORT:
        serve(address=settings.METRICS_HOST, port=settings.METRICS_PORT, is_well=clock.is_well)
    structlog.get_logger(__name__).info("tick_started", metrics_port=settings.METRICS_PORT)
    clock.run()


if __name__ == "__main__":
    main()
    # Threads may be in the middle of something: the interpreter is not taken apart under them, which takes a while too.
    logging.shutdown()
    os._exit(0)
