"""Writes reports and everything that belongs to them, many rows a statement.

Only intake calls this, inside its one transaction, with numbers from `ReportStore.next_ids`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, case, delete, insert, text, update

from db.dialect import insert_or_update, insert_plain, is_sqlite
from db.report_rows import TAG_COLUMNS, Row, Storing, report_row, search_row, tag_rows, version_row
from db.sketches import SketchStore
from db.tables import capture, report, report_sighting, report_tag, report_version

_SEARCH = """
    INSERT INTO report_search (report_id, title, text, tag_tokens)
    VALUES (:report_id, :title, :text, :tag_tokens)
    ON CONFLICT (report_id) DO UPDATE
    SET title = excluded.title, text = excluded.text, tag_tokens = excluded.tag_tokens
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """One time a report's page was received: a row of `capture`, and who listed it."""

    report_id: int | None
    source_id: str
    url: str
    url_requested: str
    fetched_at: datetime
    status: int | None
    digest: str
    content_type: str
    etag: str | None
    last_modified: str | None


class ReportTables:
    """Adds to the reports, over one connection of `Database.write()`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, new: Sequence[Storing]) -> None:
        """Store reports under their fresh numbers, each as its first version."""
        if not new:
            return
        rows = [report_row(one) for one in new]
        for row in rows:
            row["first_seen"] = row["last_seen"]
            row["sort_at"] = row["published"] or row["last_seen"]
        self._insert(report, rows)
        self._index(rows)
        self._insert(report_version, [version_row(*pair) for pair in zip(new, rows, strict=True)])
        self._tag(new)
        self._sketch(new)

    def revise(self, changed: Storing) -> None:
        """Replace what a stored report says, as its next version; first_seen stays.

        Whatever was folded under it follows it when it turns out to repeat another report.
        """
        row = report_row(changed)
        values = {name: value for name, value in row.items() if name != "id"}
        if row["published"] is not None:
            values["sort_at"] = row["published"]
        self.connection.execute(update(report).where(report.c.id == changed.id).values(**values))
        self._index([row])
        self._insert(report_version, [version_row(changed, row)])
        self.connection.execute(delete(report_tag).where(report_tag.c.report_id == changed.id))
        self._tag([changed])
        SketchStore(self.connection).remove(changed.id)
        self._sketch([changed])
        if changed.duplicate is not None:
            followers = report.c.duplicate_of == changed.id
            moved = update(report).where(followers).values(duplicate_of=changed.duplicate.of)
            self.connection.execute(moved)

    def receive(self, receipts: Sequence[Receipt]) -> None:
        """Note that pages were received; the same receipt twice is one."""
        if not receipts:
            return
        rows = [
            {
                "report_id": one.report_id,
                "source_id": one.source_id,
                "url": one.url,
                "url_requested": one.url_requested,
                "fetched_at": one.fetched_at,
                "status": one.status,
                "digest": one.digest,
                "content_type": one.content_type,
                "etag": one.etag,
                "last_modified": one.last_modified,
            }
            for one in receipts
        ]
        self.connection.execute(insert_or_update(self.connection, capture).on_conflict_do_nothing(), rows)

    def sight(self, sightings: Sequence[tuple[int, str, str, datetime]]) -> None:
        """Note (report, source, address) and when, and that the report was there at that time."""
        if not sightings:
            return
        rows = [
            {"report_id": i, "source_id": source, "url": url, "first_seen": at, "last_seen": at}
            for i, source, url, at in sightings
        ]
        added = insert_or_update(self.connection, report_sighting)
        seen, again = report_sighting.c, added.excluded
        statement = added.on_conflict_do_update(
            index_elements=["report_id", "source_id", "url"],
            set_={
                "first_seen": case(
                    (again.first_seen < seen.first_seen, again.first_seen), else_=seen.first_seen
                ),
                "last_seen": case((again.last_seen > seen.last_seen, again.last_seen), else_=seen.last_seen),
            },
        )
        self.connection.execute(statement, rows)

    def touch(self, seen: Sequence[tuple[int, datetime]]) -> None:
        """Note that reports were at their address, unchanged, at a time."""
        if not seen:
            return
        later = report.c.last_seen < bindparam("at")
        statement = update(report).where(report.c.id == bindparam("mine"), later)
        self.connection.execute(
            statement.values(last_seen=bindparam("at")), [{"mine": i, "at": at} for i, at in seen]
        )

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self.connection.execute(insert(table), rows)

    def _tag(self, stored: Sequence[Storing]) -> None:
        rows = [row for one in stored for row in tag_rows(one)]
        insert_plain(self.connection, report_tag, TAG_COLUMNS, rows)

    def _index(self, rows: Sequence[Row]) -> None:
        if not is_sqlite(self.connection):
            self.connection.execute(text(_SEARCH), [search_row(row) for row in rows])

    def _sketch(self, stored: Sequence[Storing]) -> None:
        marked = [(one.id, one.mark) for one in stored if one.mark is not None]
        SketchStore(self.connection).add(marked)
