"""The house's settings with one page more: what every answer of Django costs at least (`urls.py`)."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "config.local.bench.urls"
