"""The near-duplicate index: a row a band key, and what an exact comparison needs, by report.

Nothing stays in memory between two batches. Inside `Database.write()` nobody else adds rows, so
a pair is missed neither between two writers nor inside a batch.
"""

import json
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, text

from core.report import Fingerprint
from db.dialect import chunks, insert_or_update, is_sqlite
from db.tables import fingerprint, report, sketch

CANDIDATES = 200
"""How many reports one query may hand over for one report, those with most shared bands first."""

_ASKED = {
    "sqlite": "SELECT key / :width AS item, value AS band FROM json_each(:bands)",
    "postgresql": "SELECT (place - 1) / :width AS item, band"
    " FROM unnest(CAST(:bands AS bigint[])) WITH ORDINALITY AS a (band, place)",
}
_CANDIDATES = """
    WITH asked AS ({asked}),
    shared AS (
        SELECT asked.item, s.report_id, count(*) AS bands
        FROM asked {join} sketch AS s ON s.band = asked.band
        GROUP BY asked.item, s.report_id
    ),
    ranked AS (
        SELECT item, report_id, bands, count(*) OVER (PARTITION BY item) AS found,
            row_number() OVER (PARTITION BY item ORDER BY bands DESC, report_id) AS place
        FROM shared
    )
    SELECT item, report_id, found FROM ranked WHERE place <= :limit ORDER BY item, place
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """Reports that share a band, the most shared bands first; `found` is how many there were."""

    ids: tuple[int, ...] = ()
    found: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSketch:
    """What is kept of one report to compare it; `original` is itself or what it duplicates."""

    report_id: int
    version: int
    comparable: bytes
    original: int


class SketchStore:
    """The near-duplicate index, over one connection of `Database.write()`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def candidates(self, fingerprints: Sequence[Fingerprint], limit: int = CANDIDATES) -> list[Candidates]:
        """For each fingerprint the stored reports with at least one equal band, in one statement."""
        width = max((len(f.bands) for f in fingerprints), default=0)
        if width == 0:
            return [Candidates() for _ in fingerprints]
        bands: list[int | None] = []
        for one in fingerprints:
            bands += one.bands
            bands += [None] * (width - len(one.bands))
        sqlite = is_sqlite(self.connection)
        statement = _CANDIDATES.format(
            asked=_ASKED[self.connection.dialect.name], join="CROSS JOIN" if sqlite else "JOIN"
        )
        values = {"bands": json.dumps(bands) if sqlite else bands, "width": width, "limit": limit}
        ids: dict[int, list[int]] = {}
        found: dict[int, int] = {}
        for item, report_id, count in self.connection.execute(text(statement), values):
            ids.setdefault(item, []).append(report_id)
            found[item] = count
        return [
            Candidates(ids=tuple(ids.get(place, ())), found=found.get(place, 0))
            for place in range(len(fingerprints))
        ]

    def load(self, report_ids: Iterable[int]) -> dict[int, StoredSketch]:
        """What is kept to compare these reports."""
        columns = (
            fingerprint.c.report_id,
            fingerprint.c.version,
            fingerprint.c.comparable,
            func.coalesce(report.c.duplicate_of, report.c.id).label("original"),
        )
        joined = select(*columns).join(report, report.c.id == fingerprint.c.report_id)
        found: dict[int, StoredSketch] = {}
        for ids in chunks(report_ids):
            for row in self.connection.execute(joined.where(fingerprint.c.report_id.in_(ids))):
                found[row.report_id] = StoredSketch(**row._mapping)
        return found

    def add(self, sketches: Sequence[tuple[int, Fingerprint]]) -> None:
        """Keep the fingerprints of reports that have none yet."""
        if not sketches:
            return
        insert = insert_or_update(self.connection, fingerprint).on_conflict_do_nothing()
        self.connection.execute(
            insert,
            [
                {
                    "report_id": report_id,
                    "version": one.version,
                    "bands": array("q", one.bands).tobytes(),
                    "comparable": one.comparable,
                }
                for report_id, one in sketches
            ],
        )
        rows = [(band, report_id) for report_id, one in sketches for band in one.bands]
        if not rows:
            return
        rows.sort()
        if is_sqlite(self.connection):
            statement = "INSERT OR IGNORE INTO sketch (band, report_id) VALUES (?, ?)"
            self.connection.exec_driver_sql(statement, rows)
        else:
            # One statement with two arrays: row by row costs a round trip's work for each.
            self.connection.execute(
                text(
                    "INSERT INTO sketch (band, report_id)"
                    " SELECT * FROM unnest(CAST(:bands AS bigint[]), CAST(:ids AS bigint[]))"
                    " ON CONFLICT DO NOTHING"
                ),
                {"bands": [band for band, _ in rows], "ids": [report_id for _, report_id in rows]},
            )

    def remove(self, report_id: int) -> None:
        """Forget the fingerprint of one report."""
        mine = fingerprint.c.report_id == report_id
        packed = self.connection.execute(select(fingerprint.c.bands).where(mine)).scalar()
        if packed is None:
            return
        bands = array("q")
        bands.frombytes(packed)
        for keys in chunks(bands):
            gone = sketch.c.band.in_(keys) & (sketch.c.report_id == report_id)
            self.connection.execute(delete(sketch).where(gone))
        self.connection.execute(delete(fingerprint).where(mine))
