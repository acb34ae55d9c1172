"""Pages that gave no report: the step that failed and why, for the operator."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from core.report import Quarantined
from db.dialect import address_key, insert_or_update
from db.tables import quarantine as table


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineEntry:
    """One address that failed at one step; `count` is how often, `reason` the latest one."""

    id: int
    source_id: str
    url: str
    step: str
    reason: str
    digest: str | None
    first_at: datetime
    last_at: datetime
    count: int


class QuarantineStore:
    """The quarantine, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, entries: Iterable[tuple[Quarantined, datetime]]) -> None:
        """Note failures with the time of each. The same failure at the same time counts once."""
        rows = [
            {
                "source_id": entry.source_id,
                "url": address_key(entry.url),
                "step": entry.step,
                "reason": entry.reason,
                "digest": entry.digest,
                "first_at": at,
                "last_at": at,
                "count": 1,
            }
            for entry, at in entries
        ]
        if not rows:
            return
        insert = insert_or_update(self.connection, table)
        new = insert.excluded
        newer = new.last_at > table.c.last_at
        statement = insert.on_conflict_do_update(
            index_elements=["url", "source_id", "step"],
            set_={
                "count": table.c.count + case((newer, 1), else_=0),
                "reason": case((newer, new.reason), else_=table.c.reason),
                "digest": case((newer, new.digest), else_=table.c.digest),
                "last_at": case((newer, new.last_at), else_=table.c.last_at),
            },
        )
        self.connection.execute(statement, rows)

    def list(
        self,
        *,
        source_id: str | None = None,
        url: str | None = None,
        since: datetime | None = None,
        limit: int = 1000,
    ) -> list[QuarantineEntry]:
        """The entries that fit, the latest first."""
        statement = select(table).order_by(table.c.last_at.desc(), table.c.id.desc()).limit(limit)
        if source_id is not None:
            statement = statement.where(table.c.source_id == source_id)
        if url is not None:
            statement = statement.where(table.c.url == address_key(url))
        if since is not None:
            statement = statement.where(table.c.last_at >= since)
        return [QuarantineEntry(**row._mapping) for row in self.connection.execute(statement)]

    def count(self, *, source_id: str | None = None) -> int:
        """How many addresses are in quarantine."""
        statement = select(func.count()).select_from(table)
        if source_id is not None:
            statement = statement.where(table.c.source_id == source_id)
        return self.connection.execute(statement).scalar_one()
