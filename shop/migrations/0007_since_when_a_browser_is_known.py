from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0006_changing_sales"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopper",
            name="user_since",
            field=models.DateTimeField(help_text="When a guest signed in; empty for who never was one.", null=True),
        ),
    ]
