"""Audit entries of earlier versions quoted customers' questions and addresses, and kept them when the conversation was deleted."""

from django.db import migrations

LABELS = ("Open", "Done", "Set aside")


def forget(apps, schema_editor):
    entries = apps.get_model("chatbot", "AuditEntry").objects
    entries.filter(action__in=("read a conversation", "resolved a conversation")).update(detail="")
    for label in LABELS:
        entries.filter(action="decided about unanswered questions", detail__startswith=f"{label}: ").update(detail=label)


class Migration(migrations.Migration):
    dependencies = [
        ("chatbot", "0003_citations_by_place"),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop, elidable=True),
    ]
