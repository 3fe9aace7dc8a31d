"""What `UserBackend` needs: its table, and our sign-in in front of the admin."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "vestibule.django.users"
    label = "vestibule_users"
    verbose_name = "Vestibule"
    default_auto_field = "django.db.models.BigAutoField"
