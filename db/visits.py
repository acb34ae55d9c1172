"""Every address ever asked for: what it answered, its validators, when it is due again."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, Row, select

from db.dialect import address_key, chunks, insert_or_update
from db.tables import visit as table

_KEPT = ("url", "first_seen")


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """The last visit to one address; `url` is the canonical address that was asked for.

    `outcome`: stored, unchanged, not_modified, quarantined, withdrawn, failed, blocked, refused,
    robots, gone, index. `failures` counts the failed visits since the last good one.
    """

    url: str
    source_id: str
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    first_seen: datetime
    last_visited: datetime
    next_due: datetime | None = None
    failures: int = 0
    outcome: str
    detail: str = ""


_FIELDS = tuple(field.name for field in fields(Visit))


class VisitStore:
    """Visits, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def known(self, urls: Iterable[str]) -> dict[str, Visit]:
        """The visits to those of the addresses that were visited before."""
        asked = {address_key(url): url for url in urls}
        found: dict[str, Visit] = {}
        for keys in chunks(asked):
            for row in self.connection.execute(select(table).where(table.c.url.in_(keys))):
                found[asked[row.url]] = _visit(row)
        return found

    def get(self, url: str) -> Visit | None:
        """The last visit to one address."""
        return self.known((url,)).get(url)

    def record(self, visits: Iterable[Visit]) -> None:
        """Add or replace visits. An older visit never replaces a newer one; first_seen stays.

        Raises RowRefused when a visit names a source that was never synced.
        """
        rows: dict[str, dict[str, object]] = {}
        for visit in _by_age(visits):
            key = address_key(visit.url)
            first = {"first_seen": rows[key]["first_seen"]} if key in rows else {}
            rows[key] = _row(visit, key) | first
        if not rows:
            return
        insert = insert_or_update(self.connection, table)
        changed = {c.name: insert.excluded[c.name] for c in table.c if c.name not in _KEPT}
        statement = insert.on_conflict_do_update(
            index_elements=["url"],
            set_=changed,
            where=insert.excluded.last_visited >= table.c.last_visited,
        )
        self.connection.execute(statement, list(rows.values()))


def _by_age(visits: Iterable[Visit]) -> list[Visit]:
    return sorted(visits, key=lambda visit: visit.last_visited)


def _row(visit: Visit, key: str) -> dict[str, object]:
    return {name: getattr(visit, name) for name in _FIELDS} | {"url": key}


def _visit(row: Row[tuple[object, ...]]) -> Visit:
    return Visit(**row._mapping)
