"""What the database does by itself: the life of a piece, balanced entries, the cache table of the sign-in limits."""

from django.core.management import call_command
from django.db import migrations

from shop.core.sql import read_sql


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.RunSQL(read_sql("stock/sql/pieces.sql"), migrations.RunSQL.noop),
        migrations.RunSQL(read_sql("ledger/sql/balanced.sql"), migrations.RunSQL.noop),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
