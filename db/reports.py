"""The reports: what intake must know of them, and what a reader sees of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, text

from core.report import Known, Tag
from db.dialect import chunks, is_sqlite
from db.tables import report, report_tag, report_version


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What of a report may be stored. `how`: full, excerpt or none."""

    text: str
    how: str
    tags: tuple[Tag, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTag:
    """A tag of a stored report; spans are (start, end, "title" or "text")."""

    id: str
    facet: str
    score: float
    confidence: str
    rule: str
    spans: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredReport:
    """A report as a reader finds it. Dates are claims as JSON objects; tags are loaded apart."""

    id: int
    url: str
    url_requested: str
    canonical_link: str | None
    source_id: str
    title: str
    text: str
    text_kept: str
    text_length: int
    text_sha256: str
    authors: Sequence[str]
    language: str | None
    document_type: str | None
    site_name: str | None
    guid: str | None
    published: datetime | None
    published_precision: str | None
    published_origin: str | None
    modified: datetime | None
    dates: Sequence[Mapping[str, str]]
    tier: str | None
    sides: Sequence[str]
    reasons: Sequence[str]
    priority: str
    taxonomy_version: str
    content_digest: str | None
    fingerprint_version: int | None
    duplicate_of: int | None
    duplicate_score: float | None
    duplicate_reasons: Sequence[str]
    version: int
    first_seen: datetime
    last_seen: datetime
    changed_at: datetime
    sort_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportVersion:
    """One wording of a report; `changes` names what differs from the one before."""

    report_id: int
    version: int
    title: str
    text: str
    text_sha256: str
    content_digest: str | None
    seen_at: datetime
    capture_digest: str
    changes: Sequence[str]


READ_COLUMNS = tuple(column for column in report.c if column.name != "tag_tokens")


def stored_report(row: Row[tuple[object, ...]]) -> StoredReport:
    """A row of READ_COLUMNS as a value."""
    return StoredReport(**row._mapping)


class ReportStore:
    """Reports, over one connection. `db.report_writes` adds to them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, report_id: int) -> StoredReport | None:
        """One report by its number."""
        row = self.connection.execute(select(*READ_COLUMNS).where(report.c.id == report_id)).first()
        return stored_report(row) if row else None

    def by_url(self, url: str) -> StoredReport | None:
        """The report at a canonical address."""
        row = self.connection.execute(select(*READ_COLUMNS).where(report.c.url == url)).first()
        return stored_report(row) if row else None

    def known(self, urls: Iterable[str]) -> dict[str, Known]:
        """What intake compares an incoming report with, by address."""
        c = report.c
        columns = (c.id, c.url, c.title, c.text, c.content_digest, c.version, c.text_kept)
        asked = select(*columns, c.text_sha256, c.text_length, c.last_seen)
        found: dict[str, Known] = {}
        for part in chunks(urls):
            for row in self.connection.execute(asked.where(c.url.in_(part))):
                found[row.url] = Known(
                    id=row.id,
                    url=row.url,
                    title=row.title,
                    text=row.text,
                    content_digest=row.content_digest or "",
                    version=row.version,
                    text_kept=row.text_kept,
                    text_sha256=row.text_sha256,
                    text_length=row.text_length,
                    seen_at=row.last_seen,
                )
        return found

    def with_wording(self, digests: Iterable[str], version: int) -> dict[str, int]:
        """The earliest report with each content digest whose text was kept: digest -> number."""
        c = report.c
        found: dict[str, int] = {}
        for part in chunks(digest for digest in digests if digest):
            rows = self.connection.execute(
                select(c.content_digest, func.min(c.id))
                .where(c.content_digest.in_(part), c.fingerprint_version == version, c.text_kept != "none")
                .group_by(c.content_digest)
            )
            found.update({digest: int(report_id) for digest, report_id in rows})
        return found

    def tags(self, report_ids: Iterable[int]) -> dict[int, list[StoredTag]]:
        """The tags of these reports, the highest score first."""
        found: dict[int, list[StoredTag]] = {}
        for ids in chunks(report_ids):
            rows = self.connection.execute(
                select(report_tag)
                .where(report_tag.c.report_id.in_(ids))
                .order_by(report_tag.c.report_id, report_tag.c.score.desc(), report_tag.c.tag_id)
            )
            for row in rows:
                tag = StoredTag(
                    id=row.tag_id,
                    facet=row.facet,
                    score=row.score,
                    confidence=row.confidence,
                    rule=row.rule,
                    spans=tuple((start, end, where) for start, end, where in row.spans),
                )
                found.setdefault(row.report_id, []).append(tag)
        return found

    def versions(self, report_id: int) -> list[ReportVersion]:
        """Every wording of one report, the first one first."""
        rows = self.connection.execute(
            select(report_version)
            .where(report_version.c.report_id == report_id)
            .order_by(report_version.c.version)
        )
        return [ReportVersion(**row._mapping) for row in rows]

    def duplicates(self, report_id: int) -> list[int]:
        """The reports folded under one, by number."""
        mine = report.c.duplicate_of == report_id
        rows = self.connection.execute(select(report.c.id).where(mine).order_by(report.c.id))
        return list(rows.scalars())

    def count(self) -> int:
        """How many reports are stored."""
        return self.connection.execute(select(func.count()).select_from(report)).scalar_one()

    def next_ids(self, count: int) -> list[int]:
        """Numbers for new reports, never given before. Only inside `Database.write()`."""
        if count == 0:
            return []
        if is_sqlite(self.connection):
            last = text("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'report'), 0)")
            start = int(self.connection.execute(last).scalar_one())
            return list(range(start + 1, start + count + 1))
        drawn = text("SELECT nextval(pg_get_serial_sequence('report', 'id')) FROM generate_series(1, :n)")
        return sorted(int(n) for n in self.connection.execute(drawn, {"n": count}).scalars())
