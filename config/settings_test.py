"""Settings for tests: the same house, its services given by the environment, nothing that leaves the machine."""

import os
import tempfile
from pathlib import Path

_ROOM = Path(tempfile.gettempdir()) / f"stagedoor-test-{os.getuid()}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
_STAND_INS = {
    "STAGEDOOR_SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
    "SITE_URL": "http://testserver",
    "DATABASE_URL": "postgres://stagedoor@127.0.0.1:25432/stagedoor",
    "REDIS_URL": "redis://127.0.0.1:26379/0",
    "STRIPE_SECRET_KEY": "sk_test_only_for_tests",
    "STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
    "EMAIL_URL": "memorymail://",
    "PRIVATE_ROOT": str(_ROOM / "private"),
    "MEDIA_ROOT": str(_ROOM / "media"),
    "STATIC_ROOT": str(_ROOM / "static"),
    "LOG_FORMAT": "console",
}
for _name, _value in _STAND_INS.items():
    os.environ.setdefault(_name, _value)

from config.settings import *  # noqa: E402, F403
from config.settings import ALLOWED_HOSTS, STORAGES  # noqa: E402

ALLOWED_HOSTS += ["testserver", "localhost", "127.0.0.1"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PAGES_KEPT_S = 0
