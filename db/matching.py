"""Which of some reports fit a saved search: the same conditions as `db.search`, for known numbers."""

from collections.abc import Iterable

from sqlalchemy import Connection, func, literal_column, select

from db.dialect import chunks, is_sqlite
from db.query import Query, parse
from db.search_sql import hits
from db.tables import report

CONTEXT_ONLY = ("D", "X")
"""Tiers that reach nobody by themselves; a saved search that names a tier gets what it names."""


def matching(connection: Connection, query: str | Query, report_ids: Iterable[int]) -> set[int]:
    """The numbers of those reports that fit. User text is never an error."""
    asked = parse(query) if isinstance(query, str) else query
    sqlite = is_sqlite(connection)
    found: set[int] = set()
    for ids in chunks(sorted(set(report_ids))):
        where = hits(asked, sqlite=sqlite)
        statement = (
            select(report.c.id)
            .select_from(where.source)
            .where(where.condition, report.c.id.in_(ids), report.c.text_kept != "none")
        )
        if sqlite and where.source is not report:
            # The index skips what lies outside, instead of reading every report with a common word.
            statement = statement.where(literal_column("report_fts.rowid").between(ids[0], ids[-1]))
        if not any(not one.negated for one in asked.values("tier")):
            statement = statement.where(func.coalesce(report.c.tier, "").not_in(CONTEXT_ONLY))
        found.update(connection.execute(statement).scalars())
    return found
