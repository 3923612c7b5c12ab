"""The shop as it is without live video: nothing of the live side is installed or can be imported."""

import sys

from config.settings_test import *  # noqa: F403
from config.settings_test import INSTALLED_APPS

INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in ("liveevents", "config")]
ROOT_URLCONF = "tests.shape.urls_shop_alone"
sys.modules["liveevents"] = None  # type: ignore[assignment]
