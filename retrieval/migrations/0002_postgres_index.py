"""Tables for SEARCH_BACKEND=postgres, where the database is PostgreSQL with pgvector and lets us; elsewhere nothing."""

import logging

from django.db import DatabaseError, migrations, transaction

logger = logging.getLogger(__name__)


def make(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    from retrieval.index.postgres_tables import can_have_tables, make_tables

    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            if can_have_tables(cursor):
                make_tables(cursor)
    except DatabaseError:
        # most often the role may not create the extension; the default index does without, and rebuild_index tries again
        logger.warning("the tables for SEARCH_BACKEND=postgres could not be made", exc_info=True)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TABLE IF EXISTS retrieval_searchrow, retrieval_searchposition")


class Migration(migrations.Migration):

    dependencies = [("retrieval", "0001_initial")]

    operations = [migrations.RunPython(make, drop)]
