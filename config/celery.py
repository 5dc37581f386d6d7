"""The task queue. A task is a trigger; what must be done stands in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("whereabouts")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["retrieval"])
