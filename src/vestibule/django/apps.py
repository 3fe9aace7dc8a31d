"""What `vestibule.django` in INSTALLED_APPS adds: checks, template tags, and the table of `UserBackend`."""

from django.apps import AppConfig


class VestibuleConfig(AppConfig):
    name = "vestibule.django"
    label = "vestibule"
    verbose_name = "Vestibule"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from vestibule.django import checks  # noqa: F401 - they register themselves
