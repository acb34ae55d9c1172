"""What `amparo doctor` asks of a database engine, without changing or creating anything."""

from dataclasses import dataclass

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError

from db.engine import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """The engine's name and version, and whether it can do full-text search."""

    name: str
    version: str
    full_text: bool


def shown(url: str) -> str:
    """A database URL for a person: no password, wherever in the URL it stands."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return "(not a database address)"
    if "password" in parsed.query:
        parsed = parsed.update_query_dict({"password": "-"})
    return parsed.render_as_string(hide_password=True)


def engine_of(database: Database) -> Engine:
    """Which engine answers. Raises DatabaseUnavailable when a server does not."""
    if database.is_sqlite:
        return _sqlite()
    with database.read() as connection:
        version = str(connection.execute(text("SHOW server_version")).scalar())
    return Engine(name="PostgreSQL", version=version, full_text=True)


def _sqlite() -> Engine:
    """Asked of a database in memory: the file need not be there yet."""
    memory = create_engine("sqlite://")
    try:
        with memory.connect() as connection:
            version = str(connection.execute(text("SELECT sqlite_version()")).scalar())
            options = connection.execute(text("PRAGMA compile_options")).scalars().all()
    finally:
        memory.dispose()
    return Engine(name="SQLite", version=version, full_text="ENABLE_FTS5" in options)
