"""The thin claim door, then pages and API under WSGI threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_wsgi_application()

from django.conf import settings  # noqa: E402 - only once Django stands

from config.gate import with_gate  # noqa: E402
from config.monitor import serve  # noqa: E402
from liveevents.web.door import with_claim_door  # noqa: E402

application = with_claim_door(with_gate(django, at_once=settings.PAGES_AT_ONCE, waiting=settings.PAGES_WAITING))

if settings.METRICS_PORT:
    serve(address=settings.METRICS_HOST, port=settings.METRICS_PORT, is_well=lambda: True)
