"""Search behind one function, the same on SQLite and PostgreSQL."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from core.errors import InputError
from db.dialect import is_sqlite
from db.query import Query, parse
from db.reports import READ_COLUMNS, ReportStore, StoredReport, StoredTag, stored_report
from db.search_sql import hits
from db.snippets import Snippet, snippet
from db.tables import report

RELEVANCE = "relevance"
NEWEST = "newest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One report that fits. `copies` is how many further hits repeat it and are folded under it."""

    report: StoredReport
    tags: Sequence[StoredTag]
    snippet: Snippet
    score: float
    copies: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPage:
    """Some hits. `total` counts all of them, folded; `cursor` asks for the next page, if any."""

    hits: Sequence[Hit]
    total: int
    cursor: str | None
    notes: Sequence[str]


def search(
    connection: Connection,
    query: str | Query,
    *,
    limit: int = 20,
    cursor: str | None = None,
    sort: str | None = None,
    fold_duplicates: bool = True,
    everything: bool = False,
) -> SearchPage:
    """The reports that fit a query; user text is never an error.

    `sort`: "relevance" (the default where there are words) or "newest". Tier X is left out
    unless the query says tier:X or `everything` is set. Raises InputError for a broken cursor.
    """
    asked = parse(query) if isinstance(query, str) else query
    order = sort or (RELEVANCE if asked.ranked else NEWEST)
    place = _Place.read(cursor, order)
    found = _found(connection, asked, fold=fold_duplicates, everything=everything)
    statement = place.apply(found, limit + 1)
    rows = connection.execute(statement).all()
    total = connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    page = rows[:limit]
    notes = asked.notes
    if asked.values("story"):
        notes = (*notes, "story: finds nothing yet, reports are not grouped into stories")
    return SearchPage(
        hits=_load(connection, page, asked),
        total=total,
        cursor=place.after(page, connection) if len(rows) > limit else None,
        notes=notes,
    )


def _found(connection: Connection, query: Query, *, fold: bool, everything: bool) -> Select[Any]:
    """All hits as (id, score, sort_at, copies), repetitions folded under the best of them."""
    where = hits(query, sqlite=is_sqlite(connection), everything=everything)
    root = func.coalesce(report.c.duplicate_of, report.c.id).label("root")
    columns = (report.c.id, root, where.score.label("score"), report.c.sort_at)
    matched = (
        select(*columns)
        .select_from(where.source)
        .where(where.condition)
        .cte("matched")
        # FTS5 gives a score only to the statement that asks it, not to one that merges it.
        .prefix_with("MATERIALIZED")
    )
    if not fold:
        return select(matched.c.id, matched.c.score, matched.c.sort_at, (matched.c.id * 0).label("copies"))
    mine = func.row_number().over(
        partition_by=matched.c.root, order_by=[(matched.c.id != matched.c.root), matched.c.id]
    )
    group = func.count().over(partition_by=matched.c.root)
    ranked = select(matched, mine.label("place"), (group - 1).label("copies")).subquery("ranked")
    c = ranked.c
    return select(c.id, c.score, c.sort_at, c.copies).where(c.place == 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where a page begins. Newest first: after (sort_at, id), whatever was added since.

    By relevance: `offset` hits down among the reports up to number `ceiling`, since scores move
    a little with every report that is added.
    """

    order: str
    sort_at: datetime | None = None
    id: int = 0
    offset: int = 0
    ceiling: int | None = None

    @staticmethod
    def read(cursor: str | None, order: str) -> "_Place":
        if cursor is None:
            return _Place(order=order)
        try:
            written, first, second = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            if written != order:
                raise ValueError(f"made for another order ({written})")
            if order == NEWEST:
                sort_at = datetime.fromisoformat(first)
                if sort_at.tzinfo is None:
                    raise ValueError("a time without a zone")
                return _Place(order=order, sort_at=sort_at, id=_number(second))
            return _Place(order=order, ceiling=_number(first), offset=_number(second))
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(f"cursor: not one that a search has given ({error})") from None

    def apply(self, found: Select[Any], limit: int) -> Select[Any]:
        rows = found.subquery("found")
        c = rows.c
        page = select(c.id, c.score, c.sort_at, c.copies).limit(limit)
        if self.order == NEWEST:
            page = page.order_by(c.sort_at.desc(), c.id.desc())
            if self.sort_at is not None:
                same = and_(c.sort_at == self.sort_at, c.id < self.id)
                page = page.where(or_(c.sort_at < self.sort_at, same))
            return page
        page = page.order_by(c.score.desc(), c.sort_at.desc(), c.id.desc()).offset(self.offset)
        return page if self.ceiling is None else page.where(c.id <= self.ceiling)

    def after(self, page: Sequence[Any], connection: Connection) -> str:
        if self.order == NEWEST:
            last = page[-1]
            said: list[object] = [NEWEST, last.sort_at.isoformat(), last.id]
        else:
            ceiling = self.ceiling
            if ceiling is None:
                ceiling = connection.execute(select(func.max(report.c.id))).scalar() or 0
            said = [RELEVANCE, ceiling, self.offset + len(page)]
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def _number(written: object) -> int:
    if type(written) is not int or not 0 <= written < 2**63:
        raise ValueError(f"{written!r} is no number of a row")
    return written


def _load(connection: Connection, page: Sequence[Any], query: Query) -> list[Hit]:
    ids = [row.id for row in page]
    rows = connection.execute(select(*READ_COLUMNS).where(report.c.id.in_(ids)))
    reports = {row.id: stored_report(row) for row in rows}
    tags = ReportStore(connection).tags(ids)
    return [
        Hit(
            report=reports[row.id],
            tags=tags.get(row.id, ()),
            snippet=snippet(reports[row.id].text, query.terms),
            score=float(row.score),
            copies=row.copies,
        )
        for row in page
    ]
