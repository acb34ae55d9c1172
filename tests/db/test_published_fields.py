"""A moment is exported as its publisher wrote it, and in UTC beside that."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from core.dates import DateClaim, Origin, Precision
from core.report import Published
from db.engine import Database
from db.export import report_fields
from db.reports import READ_COLUMNS, stored_report
from db.tables import report as report_table
from pipeline.intake import commit_batch
from tests.db.samples import NOW, item, prose, report

AT = datetime(2026, 7, 9, 22, 50, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "exported"),
    [
        ("2026-07-10T00:50:17+02:00", "2026-07-10T00:50:17+02:00"),
        ("Thu, 09 Jul 2026 16:50:17 -0600", "2026-07-09T16:50:17-06:00"),
        ("2026-07-09T22:50:17Z", "2026-07-09T22:50:17+00:00"),
        ("2026-07-09 22:50:17", "2026-07-09T22:50:17+00:00"),
        ("2026-07-09T22:50:17+99:00", "2026-07-09T22:50:17+00:00"),
    ],
)
def test_a_moment_keeps_the_offset_that_was_written(database: Database, raw: str, exported: str) -> None:
    """At ten to one in the morning of Madrid, UTC is still in the day before."""
    one = item(report("https://x.example/1", prose("a")))
    claims = (
        DateClaim(value=AT, precision=Precision.SECOND, origin=Origin.META, raw="2026-07-09T22:50:17-11:00"),
        DateClaim(value=AT, precision=Precision.SECOND, origin=Origin.JSONLD, raw=raw),
    )
    dated = replace(
        one.report,
        raw=replace(one.report.raw, dates=claims),
        published=Published(value=AT, precision=Precision.SECOND, origin=Origin.JSONLD),
    )
    commit_batch(database, [replace(one, report=dated)], NOW)
    with database.read() as connection:
        row = connection.execute(select(*READ_COLUMNS).select_from(report_table)).one()
    fields = report_fields(stored_report(row), ())
    assert (fields["published"], fields["published_utc"]) == (exported, "2026-07-09T22:50:17+00:00")
