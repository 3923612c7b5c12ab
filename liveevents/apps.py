"""The live side as a Django application."""

from django.apps import AppConfig


class LiveEventsConfig(AppConfig):
    name = "liveevents"
    default_auto_field = "django.db.models.BigAutoField"
