"""The table of `UserBackend`."""

from typing import Any

from django.conf import settings
from django.db import models


class Identity(models.Model):
    """Which of Django's users a person of the identity server is. By their id, never by their e-mail address:
    an address is given to somebody else one day, and may never have been verified."""

    subject: "models.CharField[str, str]" = models.CharField(max_length=255, primary_key=True)
    user: "models.OneToOneField[Any, Any]" = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="vestibule_identity"
    )

    class Meta:
        app_label = "vestibule_users"  # by its place it would be a model of `vestibule.django`
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return self.subject
