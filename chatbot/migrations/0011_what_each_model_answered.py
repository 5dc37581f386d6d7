from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chatbot", "0010_conversations_of_a_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversationday",
            name="by_model",
            field=models.JSONField(default=dict),
        ),
    ]
