"""What became of every page of the replay site, read from the database the demo filled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from cli.demo_site.documents import Document
from cli.demo_site.server import ReplaySite
from db.engine import Database
from db.quarantine import QuarantineEntry, QuarantineStore
from db.reports import ReportStore, StoredReport
from db.search import search
from db.sketches import SketchStore, StoredSketch
from db.visits import Visit, VisitStore
from pipeline.address import canonical_url
from pipeline.similarity import compare, unpack

ALIKE = 0.4
"""Share of common wording from which two reports that stayed apart are worth showing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """One served page. `outcome`: report, duplicate, off-topic, quarantined, or the visit's word.

    `why`: the reasons of its tier, or what stopped it. `tags` are the highest scored first.
    """

    url: str
    source: str
    title: str
    outcome: str
    published: datetime | None = None
    tier: str = ""
    tags: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    report_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """Two reports, what one is to the other, how alike they are (0 to 1), and why that was said."""

    title: str
    other: str
    verdict: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The example search: the query, how many fit, and each hit's title and snippet."""

    query: str
    total: int
    hits: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawl:
    """One crawl as the site saw it, and the totals it reported of itself."""

    seconds: float
    requests: int
    conditional: int
    not_modified: int
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """Everything the demo shows of its database."""

    search: Found
    fates: tuple[Fate, ...]
    folded: tuple[Likeness, ...]
    kept_apart: tuple[Likeness, ...]


def look(database: Database, site: ReplaySite, documents: Sequence[Document], *, query: str) -> Findings:
    """Read what became of each of the documents, and search for `query`."""
    with database.read() as connection:
        reports = ReportStore(connection)
        stored: list[StoredReport] = []
        fates: list[Fate] = []
        for document in documents:
            url = canonical_url(site.bases[document.publisher] + document.path)
            report = reports.by_url(url)
            if report is None:
                visit = VisitStore(connection).get(url)
                held = QuarantineStore(connection).list(url=url)
                fates.append(_not_stored(document, url, visit, held))
                continue
            stored.append(report)
            tags = reports.tags([report.id]).get(report.id, [])
            fates.append(_stored(report, tuple(tag.id for tag in tags if tag.rule != "parent")))
        sketches = SketchStore(connection).load(report.id for report in stored)
        page = search(connection, query, limit=3)
    titles = {report.id: f"{report.title} ({report.source_id})" for report in stored}
    hits = tuple((hit.report.title, hit.snippet.text) for hit in page.hits)
    return Findings(
        search=Found(query=query, total=page.total, hits=hits),
        fates=tuple(fates),
        folded=tuple(
            Likeness(
                title=titles[report.id],
                other=titles[report.duplicate_of],
                verdict="duplicate",
                score=report.duplicate_score or 0.0,
                reasons=tuple(report.duplicate_reasons),
            )
            for report in stored
            if report.duplicate_of in titles
        ),
        kept_apart=tuple(_apart(sketches, titles)),
    )


def _apart(sketches: Mapping[int, StoredSketch], titles: Mapping[int, str]) -> Iterator[Likeness]:
    """The pairs that share much and are no copies of each other."""
    comparable = {
        number: unpack(sketch.comparable) for number, sketch in sketches.items() if sketch.comparable
    }
    for a, b in combinations(comparable, 2):
        said = compare(comparable[a], comparable[b])
        if said.verdict != "duplicate" and said.score >= ALIKE:
            yield Likeness(
                title=titles[a], other=titles[b], verdict=said.verdict, score=said.score, reasons=said.reasons
            )


def _stored(report: StoredReport, tags: tuple[str, ...]) -> Fate:
    outcome = "duplicate" if report.duplicate_of else "off-topic" if report.tier == "X" else "report"
    return Fate(
        url=report.url,
        source=report.source_id,
        title=report.title,
        outcome=outcome,
        published=report.published,
        tier=report.tier or "",
        tags=tags,
        why=tuple(report.reasons),
        report_id=report.id,
    )


def _not_stored(document: Document, url: str, visit: Visit | None, held: Sequence[QuarantineEntry]) -> Fate:
    if held:
        outcome, why = "quarantined", f"{held[0].step}: {held[0].reason}"
    elif visit is not None:
        outcome, why = visit.outcome, visit.detail.removeprefix(f"{url}: ")
    else:
        outcome, why = "never listed", ""
    return Fate(
        url=url, source=f"demo-{document.publisher}", title=document.title, outcome=outcome, why=(why,)
    )
