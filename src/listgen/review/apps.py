"""The Django application of the expert review."""

from __future__ import annotations

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Names the application and where its models are."""

    name = "listgen.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"
