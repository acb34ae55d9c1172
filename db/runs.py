"""Crawl runs: one row a run, committed before anything is fetched."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, Select, and_, func, insert, select, update

from core.errors import AmparoError
from db.tables import crawl_run as table

RUNNING = "running"
INTERRUPTED = "interrupted"


class UnknownRun(AmparoError):
    """No run has that number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One crawl of one source. `status`: running, ok, partial, failed, interrupted.

    `pid` is the number of the process that does the work, on the machine named `host`.
    """

    id: int
    source_id: str
    trigger: str
    status: str
    pid: int | None
    host: str | None = None
    started_at: datetime
    finished_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    error: str = ""


class RunStore:
    """Runs, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def start(
        self, source_id: str, *, now: datetime, pid: int | None, trigger: str, run_id: int | None = None
    ) -> int:
        """A new running row, or the given one taken over by the process that does the work.

        Raises UnknownRun when the given one is not running, or is of another source.
        """
        values = {"status": RUNNING, "started_at": now, "pid": pid, "trigger": trigger}
        values["host"] = platform.node()
        if run_id is not None:
            # Not one that was closed meanwhile: its source may be crawled by another process.
            mine = and_(table.c.id == run_id, table.c.source_id == source_id, table.c.status == RUNNING)
            if self.connection.execute(update(table).where(mine).values(**values)).rowcount != 1:
                raise UnknownRun(f"{run_id} for source {source_id}")
            return run_id
        values |= {"source_id": source_id, "counts": {}, "reason": "", "error": ""}
        key = self.connection.execute(insert(table).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def finish(
        self,
        run_id: int,
        *,
        status: str,
        counts: Mapping[str, int] | None = None,
        reason: str = "",
        error: str = "",
        now: datetime,
    ) -> None:
        """Close a run. Raises UnknownRun."""
        values: dict[str, object] = {
            "status": status,
            "reason": reason,
            "error": error,
            "finished_at": now,
        }
        if counts is not None:
            values["counts"] = dict(counts)
        done = self.connection.execute(update(table).where(table.c.id == run_id).values(**values))
        if done.rowcount != 1:
            raise UnknownRun(str(run_id))

    def get(self, run_id: int) -> Run | None:
        """One run by its number."""
        return next(iter(self._runs(select(table).where(table.c.id == run_id))), None)

    def unfinished(self) -> list[Run]:
        """The runs that say they are running, the oldest first."""
        return self._runs(select(table).where(table.c.status == RUNNING).order_by(table.c.id))

    def mark_interrupted(self, run_id: int, now: datetime, detail: str) -> bool:
        """Close a run whose process is gone; False when it has finished in the meantime."""
        still = and_(table.c.id == run_id, table.c.status == RUNNING)
        values = {"status": INTERRUPTED, "finished_at": now, "reason": INTERRUPTED, "error": detail}
        return self.connection.execute(update(table).where(still).values(**values)).rowcount == 1

    def latest(self) -> dict[str, Run]:
        """The newest run of each source by its start."""
        return self._newest(select(table))

    def latest_finished(self) -> dict[str, Run]:
        """The newest run of each source that is no longer running."""
        return self._newest(select(table).where(table.c.status != RUNNING))

    def history(self, source_id: str, limit: int = 50) -> list[Run]:
        """The runs of one source, the newest first."""
        mine = select(table).where(table.c.source_id == source_id)
        return self._runs(mine.order_by(table.c.started_at.desc(), table.c.id.desc()).limit(limit))

    def _newest(self, runs: Select[tuple[object, ...]]) -> dict[str, Run]:
        numbered = runs.add_columns(
            func.row_number()
            .over(partition_by=table.c.source_id, order_by=[table.c.started_at.desc(), table.c.id.desc()])
            .label("place")
        ).subquery()
        columns = [c for c in numbered.c if c.name != "place"]
        newest = select(*columns).where(numbered.c.place == 1)
        return {run.source_id: run for run in self._runs(newest)}

    def _runs(self, statement: Select[tuple[object, ...]]) -> list[Run]:
        return [_run(row) for row in self.connection.execute(statement)]


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(**row._mapping)
