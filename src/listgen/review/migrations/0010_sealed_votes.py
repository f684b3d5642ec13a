"""Adds what a sealed event contains, what a round asks, and the results a decision was made on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds three columns; events are not rewritten, because their table refuses it."""

    dependencies = [("review", "0003_link")]
    operations = [
        migrations.AddField("event", "content", models.TextField(null=True)),
        migrations.AddField("round", "asked", models.TextField(default="")),
        migrations.AddField("decision", "results_digest", models.CharField(default="", max_length=64)),
    ]
