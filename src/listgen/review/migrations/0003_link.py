"""Adds the links that go out with reminders."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds one table."""

    dependencies = [("review", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("link_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("seat", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="review.seat")),
            ],
        ),
    ]
