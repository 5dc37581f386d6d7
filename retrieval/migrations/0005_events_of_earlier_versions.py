from django.db import migrations


def tell_what_is_known(apps, schema_editor):
    """Give versions from before this table the two steps that their rows still know."""
    versions, events = apps.get_model("retrieval", "DocumentVersion"), apps.get_model("retrieval", "VersionEvent")
    known = versions.objects.select_related("author").defer("markdown").order_by("pk")
    rows = []
    for version in known.iterator(chunk_size=500):
        rows.append(events(version=version, state="received", at=version.created_at, by=version.author.username[:150] if version.author else ""))
        if version.state != "received":
            rows.append(events(version=version, state=version.state, at=version.state_at, reason=version.reason))
    events.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('retrieval', '0004_life_of_a_version'),
    ]

    operations = [
        migrations.RunPython(tell_what_is_known, migrations.RunPython.noop, elidable=True),
    ]
