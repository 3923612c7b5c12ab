"""Celery's application and its timetable. Its tasks are edges: ids in, one call."""

import os

from celery import Celery
from celery.schedules import crontab
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("stagedoor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks(["config"])
app.conf.beat_schedule = {
    # A look that no worker took within its minute is made by the next.
    "inspect": {"task": "config.tasks.inspect", "schedule": 60.0, "options": {"expires": 60}},
    "forget what is past": {"task": "config.tasks.forget_what_is_past", "schedule": crontab(hour="4", minute="20")},
}
