"""What `vestibule.django` in INSTALLED_APPS adds: system checks and template tags. No table."""

from django.apps import AppConfig


class VestibuleConfig(AppConfig):
    name = "vestibule.django"
    label = "vestibule"
    verbose_name = "Vestibule"

    def ready(self) -> None:
        from vestibule.django import checks  # noqa: F401 - they register themselves
