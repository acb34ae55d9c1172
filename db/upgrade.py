"""Brings the schema to the version this code needs, and says when it is not there."""

from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from core.errors import DatabaseUnavailable, SchemaOutdated
from db.engine import Database

HEAD = "0002"
"""The newest revision in migrations/versions; a test holds the two together."""


def upgrade(database: Database) -> None:
    """Run every missing revision in one transaction; a second process waits and finds it done."""
    from alembic import command
    from alembic.config import Config

    if database.path is not None:
        _make_folder(database.path.parent)
    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        if schema_version(connection) == HEAD:
            return
        if database.path is None:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnavailable(f"Its folder {folder} cannot be made: {error.strerror}") from None


def schema_version(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def check_schema(database: Database) -> None:
    """Raise SchemaOutdated unless the schema is exactly the one this version needs."""
    if database.path is not None and not database.path.exists():
        raise SchemaOutdated(f"There is no database at {database.path} yet.")
    with database.read() as connection:
        found = schema_version(connection)
    if found is None:
        raise SchemaOutdated("The database is empty.")
    if found != HEAD:
        raise SchemaOutdated(f"It is at revision {found}, this version needs {HEAD}.")
