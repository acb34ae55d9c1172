"""Runs the revisions, on the connection `db.upgrade` hands over or on that of the settings.

`alembic upgrade head` in a checkout reads AMPARO_DATABASE_URL like every amparo command.
"""

import os
from typing import Any

from alembic import context
from sqlalchemy import Connection

from core.settings import read_settings
from db.alert_tables import subscriber
from db.engine import open_database

ONE_ENGINE_ONLY = ("report_fts", "report_search")
"""Tables that only one engine has, with the shadow tables of FTS5."""


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave the search tables out when the schema is compared with the models."""
    return not (type_ == "table" and name is not None and name.startswith(ONE_ENGINE_ONLY))


def run(connection: Connection) -> None:
    """All revisions that are missing, inside the transaction of the connection."""
    context.configure(
        connection=connection,
        target_metadata=subscriber.metadata,
        include_name=include_name,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Find the connection and run."""
    given = context.config.attributes.get("connection")
    if isinstance(given, Connection):
        run(given)
        return
    database = open_database(read_settings(os.environ).database_url)
    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
    with database.write() as connection:
        run(connection)
    database.close()


main()
