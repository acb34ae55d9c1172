"""Opening a database, and what it says when it cannot be used."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import DatabaseUnavailable, SchemaOutdated
from db.engine import Database, open_database


def test_error_rolls_everything_back(database: Database) -> None:
    """Half a batch is worse than none."""
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(text("INSERT INTO tombstone VALUES ('a', 'b', '2026-01-01T00:00:00+00:00')"))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM tombstone")).scalar() == 0


def test_writers_take_turns(database: Database) -> None:
    """The second sees what the first committed, whatever it looked at first."""
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.wait()
        with database.write() as connection:
            order.append(f"second sees {connection.execute(text('SELECT count(*) FROM tombstone')).scalar()}")

    thread = threading.Thread(target=second)
    thread.start()
    with database.write() as connection:
        entered.set()
        thread.join(0.2)
        connection.execute(text("INSERT INTO tombstone VALUES ('a', 'b', '2026-01-01T00:00:00+00:00')"))
        order.append("first")
    thread.join()
    assert order == ["first", "second sees 1"]


def test_reader_sees_one_moment_and_does_not_wait_for_writers(database: Database) -> None:
    """An export during a crawl is of one state."""
    with database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM tombstone")).scalar() == 0
        with database.write() as writer:
            writer.execute(text("INSERT INTO tombstone VALUES ('a', 'b', '2026-01-01T00:00:00+00:00')"))
        assert reader.execute(text("SELECT count(*) FROM tombstone")).scalar() == 0


def test_refused_connection_is_database_unavailable() -> None:
    """PostgreSQL that is down is a state, not a traceback."""
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable, match="did not answer"), database.write():
        pass
    database.close()


def test_broken_file_is_database_unavailable(tmp_path: Path) -> None:
    """A file that is something else."""
    file = tmp_path / "amparo.db"
    file.write_bytes(b"not a database, but long enough to be looked at" * 100)
    database = open_database(f"sqlite:///{file}")
    with (
        pytest.raises(DatabaseUnavailable, match="not a database"),
        database.read() as connection,
    ):
        connection.execute(text("SELECT 1 FROM report"))
    database.close()


def test_missing_table_is_schema_outdated(tmp_path: Path) -> None:
    """The remedy is another one than for a database that is down."""
    file = tmp_path / "amparo.db"
    sqlite3.connect(file).close()
    database = open_database(f"sqlite:///{file}")
    with pytest.raises(SchemaOutdated), database.read() as connection:
        connection.execute(text("SELECT 1 FROM report"))
    database.close()


def test_database_in_memory_is_refused() -> None:
    """It would be another one in every thread."""
    with pytest.raises(DatabaseUnavailable, match="needs a file"):
        open_database("sqlite://")


def test_sqlite_is_durable_and_checks_references(sqlite_url: str) -> None:
    """WAL for readers beside the writer; FULL so that a power cut takes no commit back."""
    database = open_database(sqlite_url)
    with database.read() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    database.close()
    assert found == ["wal", 2, 1]
