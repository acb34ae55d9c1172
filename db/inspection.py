"""Counts what is stored and looks for rows that contradict each other."""

from sqlalchemy import Connection, func, select, text

from db.dialect import is_sqlite
from db.tables import metadata, report

_CONTRADICTIONS = {
    "report(s) without their present wording in report_version": """
        SELECT count(*) FROM report AS r WHERE NOT EXISTS (
            SELECT 1 FROM report_version AS v
            WHERE v.report_id = r.id AND v.version = r.version AND v.text_sha256 = r.text_sha256)
    """,
    "duplicate(s) of a report that is itself a duplicate": """
        SELECT count(*) FROM report AS r JOIN report AS o ON o.id = r.duplicate_of
        WHERE o.duplicate_of IS NOT NULL
    """,
    "band key(s) of the near-duplicate index without a fingerprint": """
        SELECT count(*) FROM sketch AS s WHERE NOT EXISTS (
            SELECT 1 FROM fingerprint AS f WHERE f.report_id = s.report_id)
    """,
    "report(s) that no source was noted to list": """
        SELECT count(*) FROM report AS r WHERE NOT EXISTS (
            SELECT 1 FROM report_sighting AS s WHERE s.report_id = r.id)
    """,
}

_NOT_INDEXED = """
    SELECT count(*) FROM report AS r WHERE NOT EXISTS (
        SELECT 1 FROM report_search AS s WHERE s.report_id = r.id)
"""


def counts(connection: Connection) -> dict[str, int | str | None]:
    """Rows by table, reports by tier, duplicates, and the span of time they cover."""
    found: dict[str, int | str | None] = {}
    for name in ("source", "crawl_run", "visit", "report", "report_version", "report_tag", "capture"):
        table = metadata.tables[name]
        found[name] = connection.execute(select(func.count()).select_from(table)).scalar_one()
    for name in ("quarantine", "tombstone", "event"):
        table = metadata.tables[name]
        found[name] = connection.execute(select(func.count()).select_from(table)).scalar_one()
    copies = select(func.count()).where(report.c.duplicate_of.is_not(None))
    found["duplicates"] = connection.execute(copies).scalar_one()
    tiers = select(report.c.tier, func.count()).group_by(report.c.tier).order_by(report.c.tier)
    for tier, count in connection.execute(tiers):
        found[f"tier {tier or 'not judged'}"] = count
    for label, column in (
        ("first report", func.min(report.c.first_seen)),
        ("last report", func.max(report.c.first_seen)),
    ):
        moment = connection.execute(select(column)).scalar()
        found[label] = moment.isoformat() if moment else None
    found["bytes"] = connection.execute(text(_SIZE[connection.dialect.name])).scalar_one()
    return found


_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def problems(connection: Connection) -> list[str]:
    """What contradicts itself, a line each; empty when all is well."""
    found = []
    checks = dict(_CONTRADICTIONS)
    if not is_sqlite(connection):
        checks["report(s) missing from the search index"] = _NOT_INDEXED
    for what, statement in checks.items():
        count = connection.execute(text(statement)).scalar_one()
        if count:
            found.append(f"{count} {what}")
    if is_sqlite(connection):
        found += _sqlite_problems(connection)
    return found


def _sqlite_problems(connection: Connection) -> list[str]:
    """What SQLite itself finds: the file, the foreign keys, the full-text index."""
    found = [f"file: {line}" for (line,) in connection.execute(text("PRAGMA quick_check")) if line != "ok"]
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        found.append(f"{len(broken)} row(s) that point at nothing, the first in {broken[0][0]}")
    indexed = connection.execute(text("SELECT count(*) FROM report_fts_docsize")).scalar_one()
    stored = connection.execute(select(func.count()).select_from(report)).scalar_one()
    if indexed != stored:
        found.append(f"{stored} report(s) but {indexed} in the search index")
    return found
