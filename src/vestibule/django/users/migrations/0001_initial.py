"""The table that knows which user of Django is which at the identity server."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("subject", models.CharField(max_length=255, primary_key=True, serialize=False)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=CASCADE,
                        related_name="vestibule_identity",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name_plural": "identities"},
        )
    ]
