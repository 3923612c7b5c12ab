import django.db.models.deletion
from django.db import migrations, models

from liveevents.drops.sql import read_sql


class Migration(migrations.Migration):
    dependencies = [
        ("liveevents", "0001_initial"),
        ("shop", "0003_the_rush"),
    ]

    operations = [
        migrations.CreateModel(
            name="DropEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("announced", "Announced"),
                            ("opened", "Opened"),
                            ("extended", "Extended"),
                            ("price_changed", "Price Changed"),
                            ("pieces_added", "Pieces Added"),
                            ("sold", "Sold"),
                            ("sold_out", "Sold Out"),
                            ("came_back", "Came Back"),
                            ("refunded", "Refunded"),
                            ("closed", "Closed"),
                            ("settled", "Settled"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        help_text="By the database's clock; for an opening, its hour, whoever wrote it when."
                    ),
                ),
                ("numbers", models.JSONField()),
                (
                    "drop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="liveevents.drop"
                    ),
                ),
            ],
            options={
                "ordering": ["drop", "sequence"],
                "constraints": [
                    models.UniqueConstraint(models.F("drop"), models.F("sequence"), name="one_entry_a_number"),
                    models.UniqueConstraint(
                        models.F("drop"),
                        models.F("kind"),
                        condition=models.Q(("kind__in", ("planned", "opened", "closed", "settled"))),
                        name="what_happens_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(read_sql("record.sql"), migrations.RunSQL.noop),
    ]
