"""What is known of each watched source's last checks, for the coverage statement of a digest."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from db.tables import crawl_run, report, source

READABLE = ("ok", "partial")
"""A run with one of these statuses read the index of its source."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFacts:
    """One watched source. Times are of runs that ended; `newest` is when a report was last new.

    `failing_since`: the start of the first run that failed after the last one that did not.
    """

    id: str
    name: str
    enabled: bool
    read_at: datetime | None
    whole_at: datetime | None
    failing_since: datetime | None
    reason: str
    first_seen: datetime
    newest: datetime | None


class CoverageStore:
    """Facts on the checking of sources, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def facts(self) -> list[SourceFacts]:
        """Every source that is in the catalogue and enabled or was ever crawled, by name."""
        run = crawl_run.c
        read = case((run.status.in_(READABLE), run.finished_at))
        whole = case((run.status == "ok", run.finished_at))
        ends = (
            select(run.source_id, func.max(read).label("read_at"), func.max(whole).label("whole_at"))
            .where(run.finished_at.is_not(None))
            .group_by(run.source_id)
            .subquery()
        )
        failing = (
            select(run.source_id, func.min(run.started_at).label("since"), func.max(run.id).label("last"))
            .join(ends, ends.c.source_id == run.source_id, isouter=True)
            .where(
                run.status.in_(("failed", "interrupted")),
                (ends.c.read_at.is_(None)) | (run.started_at > ends.c.read_at),
            )
            .group_by(run.source_id)
            .subquery()
        )
        newest = (
            select(report.c.source_id, func.max(report.c.first_seen).label("at"))
            .group_by(report.c.source_id)
            .subquery()
        )
        last = crawl_run.alias()
        statement = (
            select(
                source.c.id,
                source.c.name,
                source.c.enabled,
                source.c.first_seen,
                ends.c.read_at,
                ends.c.whole_at,
                failing.c.since,
                last.c.reason,
                last.c.error,
                newest.c.at.label("newest"),
            )
            .join(ends, ends.c.source_id == source.c.id, isouter=True)
            .join(failing, failing.c.source_id == source.c.id, isouter=True)
            .join(last, last.c.id == failing.c.last, isouter=True)
            .join(newest, newest.c.source_id == source.c.id, isouter=True)
            .where(
                source.c.present,
                source.c.enabled | ends.c.source_id.is_not(None) | failing.c.since.is_not(None),
            )
            .order_by(source.c.name, source.c.id)
        )
        return [
            SourceFacts(
                id=row.id,
                name=row.name,
                enabled=row.enabled,
                read_at=row.read_at,
                whole_at=row.whole_at,
                failing_since=row.since,
                reason=row.reason or row.error or "",
                first_seen=row.first_seen,
                newest=row.newest,
            )
            for row in self.connection.execute(statement)
        ]
