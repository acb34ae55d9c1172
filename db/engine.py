"""Opens the database by its URL and hands out connections for reading and for writing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.engine import URL

from core.errors import AmparoError, DatabaseUnavailable, SchemaOutdated

BUSY_SECONDS = 30
"""How long a writer waits for another one before the database counts as unavailable."""

INTAKE_LOCK = 0x616D7061
"""Key of the PostgreSQL advisory lock that every writing transaction holds ("ampa")."""

_SQLITE_PRAGMAS = (
    f"busy_timeout = {BUSY_SECONDS * 1000}",
    "foreign_keys = ON",
    # FULL, not NORMAL: in WAL mode NORMAL may forget the last commits at a power cut, and by then
    # a spool file is removed or a digest is sent. One fsync a batch of 200 costs next to nothing.
    "synchronous = FULL",
    "cache_size = -65536",
    "temp_store = MEMORY",
    "wal_autocheckpoint = 4000",
    "journal_size_limit = 67108864",
)

_WRITE = {"amparo_write": True}


class RowRefused(AmparoError):
    """The database refused a row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """An open database. `path` is the file when it is SQLite, None when it is PostgreSQL."""

    engine: Engine
    path: Path | None

    @property
    def is_sqlite(self) -> bool:
        return self.path is not None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database from its first statement on."""
        options: dict[str, Any] = {}
        if not self.is_sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _translated(), self.engine.execution_options(**options).connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, alone: commits at the end, rolls back on any error.

        No two run at the same time on one database (SQLite: BEGIN IMMEDIATE; PostgreSQL: an
        advisory lock taken first). What a statement inside finds missing therefore stays missing
        until this transaction adds it, and events become visible in the order of their numbers.
        """
        with _translated(), self.engine.execution_options(**_WRITE).begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": INTAKE_LOCK})
            yield connection

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Driver errors as ours, each with the driver's one-line message and never the parameters."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.ProgrammingError) as error:
        message = _first_line(error)
        if "no such table" in message or "no such column" in message or _undefined(error):
            raise SchemaOutdated(f"({message})") from error
        if isinstance(error, exc.ProgrammingError) and not error.connection_invalidated:
            raise RowRefused(message) from error
        raise DatabaseUnavailable(message) from error
    except exc.TimeoutError as error:
        raise DatabaseUnavailable("every connection is busy") from error
    except exc.DBAPIError as error:
        # SQLite says DatabaseError itself of a file that is damaged or is no database.
        if error.connection_invalidated or type(error) is exc.DatabaseError:
            raise DatabaseUnavailable(_first_line(error)) from error
        raise RowRefused(_first_line(error)) from error


def _first_line(error: exc.DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__


def _undefined(error: exc.DBAPIError) -> bool:
    """PostgreSQL: a table or column that the schema should have is missing."""
    return getattr(error.orig, "sqlstate", None) in ("42P01", "42703")


def open_database(url: str) -> Database:
    """The database at a URL (sqlite:///FILE, postgresql+psycopg://…). Connects on first use."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return _open_postgresql(parsed)


def _open_sqlite(url: URL) -> Database:
    if not url.database or url.database == ":memory:":
        raise DatabaseUnavailable("an SQLite database needs a file: sqlite:///FILE")
    engine = create_engine(url, pool_timeout=BUSY_SECONDS, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine=engine, path=Path(url.database).absolute())


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    _enter_wal(cursor)
    cursor.close()


def _enter_wal(cursor: Any) -> None:
    """Switch to WAL once. The switch ignores busy_timeout, so wait for another first opener."""
    deadline = time.monotonic() + BUSY_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("amparo_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _open_postgresql(url: URL) -> Database:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=BUSY_SECONDS,
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": 10,
            "application_name": "amparo",
            "options": "-c timezone=UTC -c statement_timeout=120s -c lock_timeout=30s"
            " -c idle_in_transaction_session_timeout=300s",
        },
    )
    return Database(engine=engine, path=None)
