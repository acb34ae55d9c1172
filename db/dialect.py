"""The few statements that SQLite and PostgreSQL spell differently."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

CHUNK = 500
"""Values in one IN list: one cached statement per power of ten, far below every engine's limit."""

LONGEST_KEY = 2000
"""Bytes of an address in an index. PostgreSQL refuses an index row over about 2,700 bytes."""


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def insert_or_update(connection: Connection, table: Table) -> Any:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The distinct values in lists of at most `size`, in their order."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def address_key(url: str) -> str:
    """An address as it is kept in an index: itself, or its beginning and its digest if too long."""
    if len(url) * 4 <= LONGEST_KEY or len(url.encode(errors="replace")) <= LONGEST_KEY:
        return url
    digest = hashlib.sha256(url.encode(errors="replace")).hexdigest()
    head = url.encode(errors="replace")[: LONGEST_KEY - 80].decode(errors="ignore")
    return f"{head}#sha256={digest}"


def insert_plain(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Add many small rows whose values the driver takes as they are.

    Core's work on each row (names, types) is a third of the time of a batch where a report has
    dozens of rows; this is `executemany` itself. Rows that are there already stay.
    """
    if not rows:
        return
    place = "?" if is_sqlite(connection) else "%s"
    places = ", ".join([place] * len(columns))
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608
    connection.exec_driver_sql(statement, [tuple(row) for row in rows])
