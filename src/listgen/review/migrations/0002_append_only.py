"""Lets the database refuse to change or delete an event; the check finds a removed trigger."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_SQLITE = """
CREATE TRIGGER event_{verb} BEFORE {verb} ON review_event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
"""
_POSTGRESQL = """
CREATE FUNCTION review_event_is_append_only() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON review_event FOR EACH ROW EXECUTE FUNCTION review_event_is_append_only();
"""


def forbid_changes(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the triggers in the dialect of the database."""
    if editor.connection.vendor == "postgresql":
        editor.execute(_POSTGRESQL)
        return
    for verb in ("UPDATE", "DELETE"):
        editor.execute(_SQLITE.format(verb=verb))


class Migration(migrations.Migration):
    """Adds the triggers."""

    dependencies = [("review", "0001_initial")]
    operations = [migrations.RunPython(forbid_changes, migrations.RunPython.noop)]
