"""The composition root as a Django application, for the commands that span both apps."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
