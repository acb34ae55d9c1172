"""A query as conditions on the reports: what each engine's full-text index is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
)

from db.query import Filter, Query, Term
from db.tables import report, report_sighting, source
from db.tagtoken import tag_token

TITLE_WEIGHT, TEXT_WEIGHT = 5.0, 1.0
"""How much a word in the title counts beside one in the text, on SQLite (PostgreSQL: A and B)."""

_FTS = table("report_fts", column("rowid"))
_TSV = table("report_search", column("report_id"), column("words"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Hits:
    """Where hits come from, which rows they are, and their score (higher is better)."""

    source: FromClause
    condition: ColumnElement[bool]
    score: ColumnElement[float]


def hits(query: Query, *, sqlite: bool, everything: bool = False) -> Hits:
    """The reports that fit. `everything` includes tier X where the query does not ask for tiers."""
    rows = _rows(query, everything=everything)
    return _fts5(query, rows) if sqlite else _tsvector(query, rows)


def _fts5(query: Query, rows: list[ColumnElement[bool]]) -> Hits:
    index: ColumnElement[str] = literal_column("report_fts")
    unwanted = [_fts5_words(term) for term in query.terms if term.negated]
    unwanted += [_fts5_tags(one) for one in query.values("tag") if one.negated]
    for expression in unwanted:
        found = select(_FTS.c.rowid).where(index.op("MATCH")(bindparam(None, expression, unique=True)))
        rows.append(report.c.id.not_in(found))
    wanted = [_fts5_words(term) for term in query.terms if not term.negated]
    wanted += [_fts5_tags(one) for one in query.values("tag") if not one.negated]
    if not wanted:
        return Hits(source=report, condition=and_(literal(True), *rows), score=literal(0.0))
    expression = " AND ".join(f"({one})" for one in wanted)
    matched = index.op("MATCH", is_comparison=True)(bindparam(None, expression, unique=True))
    return Hits(
        source=_FTS.join(report, report.c.id == _FTS.c.rowid),
        condition=and_(matched, *rows),
        score=-func.bm25(index, TITLE_WEIGHT, TEXT_WEIGHT, 0.0),
    )


def _fts5_words(term: Term) -> str:
    """A phrase as FTS5 reads it; the index folds and parts it as it did the documents."""
    return '{title text} : "' + term.text.replace('"', " ") + '"'


def _fts5_tags(one: Filter) -> str:
    return "tag_tokens : (" + " OR ".join(f'"{tag_token(value)}"' for value in one.values) + ")"


def _tsvector(query: Query, rows: list[ColumnElement[bool]]) -> Hits:
    def ask(expression: str) -> ColumnElement[Any]:
        return func.to_tsquery(literal_column("'simple'::regconfig"), expression)

    unwanted = [_tsquery_words(term) for term in query.terms if term.negated]
    unwanted += [_tsquery_tags(one) for one in query.values("tag") if one.negated]
    if unwanted:
        found = _TSV.c.words.op("@@")(ask(" | ".join(f"({one})" for one in unwanted)))
        rows.append(report.c.id.not_in(select(_TSV.c.report_id).where(found)))
    wanted = [_tsquery_words(term) for term in query.terms if not term.negated]
    wanted += [_tsquery_tags(one) for one in query.values("tag") if not one.negated]
    if not wanted:
        return Hits(source=report, condition=and_(literal(True), *rows), score=literal(0.0))
    asked = ask(" & ".join(f"({one})" for one in wanted))
    weights: ColumnElement[Any] = literal_column(f"'{{0, 0, {TEXT_WEIGHT / TITLE_WEIGHT}, 1}}'::real[]")
    return Hits(
        source=_TSV.join(report, report.c.id == _TSV.c.report_id),
        condition=and_(_TSV.c.words.op("@@", is_comparison=True)(asked), *rows),
        score=func.ts_rank(weights, _TSV.c.words, asked, 1),
    )


def _tsquery_words(term: Term) -> str:
    """A phrase for to_tsquery; folded words hold letters and digits only, so quoting is safe."""
    return " <-> ".join(f"'{word}':AB" for word in term.words)


def _tsquery_tags(one: Filter) -> str:
    return " | ".join(f"'{tag_token(value)}':D" for value in one.values)


def _rows(query: Query, *, everything: bool) -> list[ColumnElement[bool]]:
    """The conditions that the rows of the reports answer by themselves."""
    conditions = []
    for one in query.filters:
        condition = _condition(one)
        if condition is not None:
            conditions.append(not_(condition) if one.negated else condition)
    if query.after is not None:
        conditions.append(report.c.sort_at >= query.after)
    if query.before is not None:
        conditions.append(report.c.sort_at < query.before)
    if not everything and not any(not one.negated for one in query.values("tier")):
        conditions.append(func.coalesce(report.c.tier, "") != "X")
    return conditions


def _condition(one: Filter) -> ColumnElement[bool] | None:
    """What a filter asks of a row; None for one that the index answers (tag)."""
    build = _CONDITIONS.get(one.field)
    return None if build is None else build(one.values)


def _source(values: Sequence[str]) -> ColumnElement[bool]:
    """The source that brought a report, or any other that listed it."""
    seen = and_(report_sighting.c.report_id == report.c.id, report_sighting.c.source_id.in_(values))
    return or_(report.c.source_id.in_(values), exists().where(seen))


def _country(values: Sequence[str]) -> ColumnElement[bool]:
    there = func.lower(source.c.country).in_([value.lower() for value in values])
    return report.c.source_id.in_(select(source.c.id).where(there))


def _lang(values: Sequence[str]) -> ColumnElement[bool]:
    """es finds es and es-SV."""
    lower = [value.lower() for value in values]
    spoken = func.lower(func.coalesce(report.c.language, ""))
    return or_(spoken.in_(lower), *(spoken.startswith(f"{v}-", autoescape=True) for v in lower))


def _type(values: Sequence[str]) -> ColumnElement[bool]:
    return func.coalesce(report.c.document_type, "").in_([value.lower() for value in values])


def _tier(values: Sequence[str]) -> ColumnElement[bool]:
    return func.coalesce(report.c.tier, "").in_([value.upper() for value in values])


def _story(_values: Sequence[str]) -> ColumnElement[bool]:
    return false()


_CONDITIONS: Mapping[str, Callable[[Sequence[str]], ColumnElement[bool]]] = {
    "source": _source,
    "country": _country,
    "lang": _lang,
    "type": _type,
    "tier": _tier,
    "story": _story,
}
