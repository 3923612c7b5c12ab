from django.db import migrations, models

from shop.core.sql import read_sql


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0003_the_rush"),
    ]

    operations = [
        migrations.AddField(
            model_name="allotment",
            name="lowered_to_minor",
            field=models.PositiveBigIntegerField(help_text="What a piece costs at most since then.", null=True),
        ),
        migrations.RunSQL(read_sql("stock/sql/changes.sql"), migrations.RunSQL.noop),
    ]
