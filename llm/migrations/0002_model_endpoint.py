from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("llm", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("base_url", models.CharField(max_length=500)),
                ("model", models.CharField(max_length=200)),
                ("key_variable", models.CharField(blank=True, max_length=100)),
                ("tier", models.CharField(choices=[("small", "small: everyday questions"), ("large", "large: hard questions")], max_length=10)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("context_tokens", models.PositiveIntegerField(default=4096)),
                ("answer_tokens", models.PositiveIntegerField(default=400)),
                ("first_token_seconds", models.FloatField(default=8.0)),
                ("total_seconds", models.FloatField(default=30.0)),
                ("concurrent", models.PositiveIntegerField(default=16)),
                ("enabled", models.BooleanField(default=True)),
                ("notes", models.TextField(blank=True)),
                ("tested_at", models.DateTimeField(blank=True, null=True)),
                ("test", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={"ordering": ["tier", "place", "pk"]},
        ),
        migrations.AddField(
            model_name="modelcall",
            name="endpoint",
            field=models.CharField(blank=True, max_length=60),
        ),
    ]
