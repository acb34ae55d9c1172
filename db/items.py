"""Reports as a digest tells of them: the wording that was matched, its source, tags and echoes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from db.dialect import address_key, chunks
from db.tables import report, report_tag, report_version, source, tombstone

SHOWN_TEXT = 20_000
"""Characters of a text that a digest reads; the report itself is a click away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportFacts:
    """A report without its wording. `tags`: (id, facet), the best first, without parents."""

    id: int
    version: int
    url: str
    source_id: str
    source: str
    trust: str | None
    language: str | None
    published: datetime | None
    published_precision: str | None
    first_seen: datetime
    last_seen: datetime
    tier: str | None
    priority: str
    duplicate_of: int | None
    title: str
    text: str
    tags: tuple[tuple[str, str], ...] = ()


class ItemStore:
    """Material of digests, over one connection of `Database.read()`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def facts(self, report_ids: Iterable[int]) -> dict[int, ReportFacts]:
        """The reports that may be shown; those at an address that was taken down are left out."""
        c = report.c
        columns = (
            c.id, c.version, c.url, c.source_id, source.c.name, source.c.trust, c.language, c.published,
            c.published_precision, c.first_seen, c.last_seen, c.tier, c.priority, c.duplicate_of, c.title,
            func.substr(c.text, 1, SHOWN_TEXT).label("text"),
        )  # fmt: skip
        asked = select(*columns).join(source, source.c.id == c.source_id)
        found: dict[int, ReportFacts] = {}
        for part in chunks(report_ids):
            rows = self.connection.execute(asked.where(c.id.in_(part))).all()
            barred = self._barred([row.url for row in rows])
            tags = self._tags([row.id for row in rows])
            for row in rows:
                if row.url not in barred:
                    values = dict(row._mapping)
                    values["source"] = values.pop("name")
                    found[row.id] = ReportFacts(**values, tags=tags.get(row.id, ()))
        return found

    def seen_since(self, since: datetime, most: int) -> list[int]:
        """The reports first seen at or after a time, the newest `most` of them."""
        c = report.c
        new = select(c.id).where(c.first_seen >= since).order_by(c.id.desc()).limit(most)
        return list(self.connection.execute(new).scalars())

    def versions(self, report_ids: Iterable[int]) -> dict[int, int]:
        """The current version of each report."""
        c = report.c
        found: dict[int, int] = {}
        for part in chunks(report_ids):
            rows = self.connection.execute(select(c.id, c.version).where(c.id.in_(part)))
            found.update({row.id: row.version for row in rows})
        return found

    def wordings(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
        """(report, version) -> (title, text), as far as the versions are kept."""
        asked = set(keys)
        c = report_version.c
        columns = (c.report_id, c.version, c.title, func.substr(c.text, 1, SHOWN_TEXT).label("text"))
        found: dict[tuple[int, int], tuple[str, str]] = {}
        for part in chunks(sorted({report_id for report_id, _ in asked})):
            for row in self.connection.execute(select(*columns).where(c.report_id.in_(part))):
                if (row.report_id, row.version) in asked:
                    found[row.report_id, row.version] = (row.title, row.text)
        return found

    def outlets(self, roots: Iterable[int]) -> dict[int, int]:
        """How many other sources carry each of these reports."""
        c = report.c
        original = report.alias()
        found: dict[int, int] = {}
        for part in chunks(roots):
            statement = (
                select(c.duplicate_of, func.count(c.source_id.distinct()))
                .join(original, original.c.id == c.duplicate_of)
                .where(c.duplicate_of.in_(part), c.source_id != original.c.source_id)
                .group_by(c.duplicate_of)
            )
            found.update({int(root): int(count) for root, count in self.connection.execute(statement)})
        return found

    def _barred(self, urls: list[str]) -> set[str]:
        keys = {address_key(url): url for url in urls}
        found: set[str] = set()
        for part in chunks(keys):
            barred = select(tombstone.c.url).where(tombstone.c.url.in_(part))
            found.update(keys[key] for key in self.connection.execute(barred).scalars())
        return found

    def _tags(self, ids: list[int]) -> Mapping[int, tuple[tuple[str, str], ...]]:
        c = report_tag.c
        statement = (
            select(c.report_id, c.tag_id, c.facet)
            .where(c.report_id.in_(ids), c.rule != "parent")
            .order_by(c.report_id, c.score.desc(), c.tag_id)
        )
        found: dict[int, list[tuple[str, str]]] = {}
        for row in self.connection.execute(statement):
            found.setdefault(row.report_id, []).append((row.tag_id, row.facet))
        return {report_id: tuple(tags) for report_id, tags in found.items()}
