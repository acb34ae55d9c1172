"""Reports as they leave the database: the columns of the public contract, read page by page."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone

from sqlalchemy import Connection, and_, func, select

from core.dates import DateKind, Precision
from db.dialect import is_sqlite
from db.query import Query
from db.reports import READ_COLUMNS, ReportStore, StoredReport, StoredTag, stored_report
from db.search_sql import hits
from db.tables import report

PAGE = 500
"""Reports held in memory at once."""

RELEVANT = ("A", "B", "C")

_OFFSET = re.compile(r"\d:\d\d(?:[:.\d]*)\s?(?P<sign>[+-])(?P<hours>0\d|1[0-4]):?(?P<minutes>[0-5]\d)\s*$")
"""The offset at the end of a written moment: 2026-07-10T00:50:17+02:00, 10 Jul 2026 00:50 -0600."""

_WRITTEN = {Precision.DAY: "%Y-%m-%d", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}


def export_reports(
    connection: Connection, query: Query, *, relevant: bool = False
) -> Iterator[dict[str, object]]:
    """Every stored report that fits, in the order of their numbers, as `report_fields`.

    Tier X is included unless the query names tiers or `relevant` (A, B and C only) is set.
    """
    where = hits(query, sqlite=is_sqlite(connection), everything=True)
    condition = where.condition
    if relevant:
        condition = and_(condition, report.c.tier.in_(RELEVANT))
    statement = select(*READ_COLUMNS).select_from(where.source).where(condition)
    store, last = ReportStore(connection), 0
    while True:
        page = statement.where(report.c.id > last).order_by(report.c.id).limit(PAGE)
        reports = [stored_report(row) for row in connection.execute(page)]
        if not reports:
            return
        tags = store.tags(one.id for one in reports)
        for one in reports:
            yield report_fields(one, tags.get(one.id, ()))
        last = reports[-1].id


def count_reports(connection: Connection, query: Query, *, relevant: bool = False) -> int:
    """How many reports `export_reports` will give."""
    where = hits(query, sqlite=is_sqlite(connection), everything=True)
    condition = and_(where.condition, report.c.tier.in_(RELEVANT)) if relevant else where.condition
    counted = select(func.count()).select_from(where.source).where(condition)
    return connection.execute(counted).scalar_one()


def report_fields(one: StoredReport, tags: Sequence[StoredTag]) -> dict[str, object]:
    """One report as plain JSON values, in the order of the exported columns."""
    return {
        "id": one.id,
        "url": one.url,
        "url_requested": one.url_requested,
        "canonical_link": one.canonical_link,
        "source": one.source_id,
        "title": one.title,
        "published": _published(one),
        "published_utc": _moment(one.published),
        "published_precision": one.published_precision,
        "published_origin": one.published_origin,
        "modified": _moment(one.modified),
        "dates": [dict(claim) for claim in one.dates],
        "authors": list(one.authors),
        "lang": one.language,
        "text": one.text,
        "text_kept": one.text_kept,
        "text_length": one.text_length,
        "text_sha256": one.text_sha256,
        "tier": one.tier,
        "relevant": one.tier in RELEVANT,
        "sides": list(one.sides),
        "reasons": list(one.reasons),
        "priority": one.priority,
        "tags": [tag.id for tag in tags],
        "tag_spans": {tag.id: [list(span) for span in tag.spans] for tag in tags},
        "document_type": one.document_type,
        "duplicate_of": one.duplicate_of,
        "duplicate_score": one.duplicate_score,
        "first_seen": _moment(one.first_seen),
        "last_seen": _moment(one.last_seen),
        "version": one.version,
        "content_digest": one.content_digest,
        "fingerprint_version": one.fingerprint_version,
        "taxonomy_version": one.taxonomy_version,
    }


COLUMNS = (
    "id",
    "url",
    "url_requested",
    "canonical_link",
    "source",
    "title",
    "published",
    "published_utc",
    "published_precision",
    "published_origin",
    "modified",
    "dates",
    "authors",
    "lang",
    "text",
    "text_kept",
    "text_length",
    "text_sha256",
    "tier",
    "relevant",
    "sides",
    "reasons",
    "priority",
    "tags",
    "tag_spans",
    "document_type",
    "duplicate_of",
    "duplicate_score",
    "first_seen",
    "last_seen",
    "version",
    "content_digest",
    "fingerprint_version",
    "taxonomy_version",
)
"""The exported columns, in order."""


def _published(one: StoredReport) -> str | None:
    """The date as its publisher wrote it: a moment keeps the offset, so that its day is theirs."""
    if one.published is None or one.published_precision != Precision.SECOND:
        return written_date(one.published, one.published_precision)
    chosen = (
        claim["raw"]
        for claim in one.dates
        if (claim["kind"], claim["origin"]) == (DateKind.PUBLISHED, one.published_origin)
        and datetime.fromisoformat(claim["value"]) == one.published
    )
    offset = _OFFSET.search(next(chosen, ""))
    if offset is None:
        return _moment(one.published)
    minutes = int(offset["hours"]) * 60 + int(offset["minutes"])
    zone = timezone(timedelta(minutes=-minutes if offset["sign"] == "-" else minutes))
    return one.published.astimezone(zone).isoformat()


def written_date(value: datetime | None, precision: str | None) -> str | None:
    """A date with no more than was said: 2026, 2026-03, 2026-03-01, or a moment in UTC."""
    if value is None:
        return None
    form = _WRITTEN.get(Precision(precision)) if precision else None
    return value.strftime(form) if form else _moment(value)


def _moment(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")
