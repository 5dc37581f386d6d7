from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("llm", "0003_money_prices_budgets_and_sums"),
    ]

    operations = [
        migrations.AddField(
            model_name="price",
            name="endpoint",
            field=models.CharField(blank=True, default="", max_length=60),
        ),
    ]
