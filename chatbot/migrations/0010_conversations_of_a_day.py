from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("chatbot", "0009_instructions_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConversationDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("conversations", models.PositiveIntegerField()),
                ("questions", models.PositiveIntegerField()),
                ("spared", models.PositiveIntegerField()),
                ("cached", models.PositiveIntegerField()),
                ("cached_input", models.BigIntegerField()),
                ("cached_output", models.BigIntegerField()),
                ("steps", models.JSONField()),
                ("outcomes", models.JSONField()),
                ("counted_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
