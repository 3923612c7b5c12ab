"""Pages and API under WSGI threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - only once Django stands

from config.monitor import serve  # noqa: E402

if settings.METRICS_PORT:
    serve(address=settings.METRICS_HOST, port=settings.METRICS_PORT, is_well=lambda: True)
