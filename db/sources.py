"""The sources as the database knows them, so that reports can be asked for by country or kind."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from core.source import Source
from db.dialect import insert_or_update
from db.tables import source as table

_KEPT = ("id", "first_seen")


def _row(source: Source, now: datetime) -> dict[str, object]:
    return {
        "id": source.id,
        "name": source.name,
        "publisher_type": source.publisher_type.value,
        "country": source.country,
        "languages": list(source.languages),
        "kind": source.kind.value,
        "trust": source.trust.value,
        "storage": source.storage.value,
        "relevance": source.relevance,
        "licence": source.licence,
        "homepage": source.homepage,
        "enabled": source.enabled,
        "present": True,
        "first_seen": now,
        "last_synced": now,
    }


class SourceStore:
    """Sources, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def sync(self, sources: Iterable[Source], now: datetime) -> None:
        """Make the rows say what the catalogue says.

        A source that left the catalogue keeps its row, marked not present and not enabled: its
        reports stay citable.
        """
        rows = [_row(source, now) for source in sources]
        self._upsert(rows)
        gone = table.c.id.not_in([row["id"] for row in rows])
        self.connection.execute(update(table).where(gone).values(present=False, enabled=False))

    def ensure(self, sources: Iterable[Source], now: datetime) -> None:
        """Add or refresh these sources and leave every other row alone."""
        self._upsert([_row(source, now) for source in sources])

    def ensure_ids(self, ids: Iterable[str], now: datetime) -> None:
        """Give each id a row, so that a visit or a run can point at it, without touching any."""
        absent = set(ids) - self.ids()
        rows = [
            {"id": i, "name": i, "languages": [], "licence": "", "enabled": False, "present": False}
            | {"first_seen": now, "last_synced": now}
            for i in sorted(absent)
        ]
        if rows:
            insert = insert_or_update(self.connection, table).on_conflict_do_nothing()
            self.connection.execute(insert, rows)

    def ids(self) -> set[str]:
        """The ids of all sources that were ever synced."""
        return set(self.connection.execute(select(table.c.id)).scalars())

    def _upsert(self, rows: list[dict[str, object]]) -> None:
        if not rows:
            return
        insert = insert_or_update(self.connection, table)
        changed = {c.name: insert.excluded[c.name] for c in table.c if c.name not in _KEPT}
        statement = insert.on_conflict_do_update(index_elements=["id"], set_=changed)
        self.connection.execute(statement, rows)
