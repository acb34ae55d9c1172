"""Invented reports for the tests of the stores, of intake and of search."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.dates import DateClaim, Origin, Precision
from core.report import Published, RawReport, Relevance, Report, Span, Tag
from core.source import FeedParams, Kind, PublisherType, Source, Storage
from db.report_rows import storable
from db.visits import Visit
from pipeline.fingerprint import fingerprint
from pipeline.items import Received, ReportItem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

WORDS = (
    "the families waited outside the gate of the prison at Mariona since four in the morning because "
    "nobody had told them whether their sons were alive and the guards only repeated that visits had "
    "been suspended until further notice while lawyers filed another petition before the court"
)
"""45 words in one sentence, of no document that exists."""


def source(
    name: str = "vigia", *, relevance: str = "all", storage: Storage = Storage.FULL, country: str = "sv"
) -> Source:
    """A source with that id."""
    return Source(
        id=name,
        name=name.title(),
        publisher_type=PublisherType.NGO,
        country=country,
        languages=("es", "en"),
        kind=Kind.FEED,
        params=FeedParams(urls=(f"https://{name}.example/feed",)),
        relevance=relevance,
        storage=storage,
        enabled=True,
    )


def prose(seed: str, words: int = 120) -> str:
    """Words that no other seed gives: two seeds share no three words in a row."""
    return " ".join(f"{seed}{hashlib.md5(f'{seed}{n}'.encode()).hexdigest()[:5]}" for n in range(words))


def report(
    url: str,
    text: str,
    *,
    title: str = "Families wait",
    source_id: str = "vigia",
    at: datetime = NOW,
    tier: str = "A",
    tags: Sequence[str] = ("prison-conditions",),
    language: str = "en",
    published: datetime | None = None,
    precision: Precision = Precision.DAY,
    document_type: str | None = None,
) -> Report:
    """A processed report."""
    day = (
        DateClaim(value=published, precision=precision, origin=Origin.JSONLD, raw="x") if published else None
    )
    raw = RawReport(
        source_id=source_id,
        url_requested=url,
        url=url,
        title=title,
        text=text,
        fetched_at=at,
        digest=hashlib.sha256((title + text).encode(errors="replace")).hexdigest(),
        dates=(day,) if day else (),
    )
    spans = (Span(start=0, end=3, where="text"), Span(start=600, end=610, where="text"))
    return Report(
        raw=raw,
        url=url,
        title=title,
        text=text,
        authors=("Ana Ficticia",),
        published=Published(value=published, precision=precision, origin=Origin.JSONLD)
        if published
        else None,
        language=language,
        document_type=document_type,
        relevance=Relevance(tier=tier, sides=("sv",), reasons=(f"{tier}1",)),
        tags=tuple(
            Tag(id=one, facet="topic", score=1.0, confidence="high", rule="term", spans=spans) for one in tags
        ),
        fingerprint=fingerprint(title, storable(text)),
        taxonomy_version="t1",
    )


def visit(url: str, source_id: str = "vigia", *, at: datetime = NOW, outcome: str = "stored") -> Visit:
    """A visit to an address."""
    return Visit(
        url=url,
        source_id=source_id,
        status=200,
        etag='"1"',
        first_seen=at,
        last_visited=at,
        next_due=at + timedelta(days=1),
        outcome=outcome,
    )


def item(one: Report, by: Source | None = None) -> ReportItem:
    """A report on its way to the writer, with its visit."""
    by = by or source(one.raw.source_id)
    raw = replace(one.raw, source_id=by.id)
    return ReportItem(
        report=replace(one, raw=raw),
        source=by,
        visit=visit(one.url, by.id, at=raw.fetched_at),
        received=Received(status=200, content_type="text/html", etag='"1"'),
    )
