from django.db import migrations, models
from django.utils.crypto import salted_hmac


def tie_to_who_was_signed_in(apps, schema_editor):
    """Conversations from before belong to the address that they name."""
    Conversation, Message = apps.get_model("chatbot", "Conversation"), apps.get_model("chatbot", "Message")
    named = Conversation.objects.exclude(email="")
    for email in named.order_by("email").values_list("email", flat=True).distinct():
        owner = salted_hmac("chatbot.conversations.owner", email, algorithm="sha256").hexdigest()
        named.filter(email=email).update(owner=owner)
    Message.objects.filter(conversation__in=named).update(private=True)


class Migration(migrations.Migration):
    dependencies = [("chatbot", "0005_questions_placed_by_hand")]

    operations = [
        migrations.AddField("conversation", "owner", models.CharField(blank=True, max_length=64)),
        migrations.AddField("message", "private", models.BooleanField(default=False)),
        migrations.RunPython(tie_to_who_was_signed_in, migrations.RunPython.noop),
    ]
