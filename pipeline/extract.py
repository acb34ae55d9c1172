"""From the bytes of a page to what it claims: the start of the pipeline, before its steps."""

from datetime import UTC, datetime, timedelta, tzinfo

from htmldate import find_date
from lxml.html import HtmlElement

from core.dates import DateClaim, DateKind, Origin, Precision
from core.errors import ExtractionError
from core.report import Page, RawReport
from core.source import Source
from pipeline.body import parse_html, read_body
from pipeline.challenge import is_challenge, is_stub
from pipeline.charset import decode
from pipeline.dates import choose_published
from pipeline.metadata import Metadata, read_metadata
from pipeline.written_dates import read_date, zone_of


def _searched_date(tree: HtmlElement, url: str, fetched_at: datetime) -> DateClaim | None:
    """The date htmldate finds in the page's markup: slow, and only asked when nothing else knows."""
    found = find_date(
        tree,
        original_date=True,
        extensive_search=False,
        url=url,
        min_date="1990-01-01",
        max_date=(fetched_at + timedelta(days=2)).strftime("%Y-%m-%d"),
    )
    if not found:
        return None
    value = datetime.fromisoformat(found).replace(tzinfo=UTC)
    return DateClaim(value=value, precision=Precision.DAY, origin=Origin.TEXT, raw=found)


def _dates(page: Page, metadata: Metadata, tree: HtmlElement, zone: tzinfo) -> tuple[DateClaim, ...]:
    claims = [*metadata.dates, *page.listed.dates]
    best = choose_published(claims, fetched_at=page.fetched_at)
    if best is None or best.precision in (Precision.MONTH, Precision.YEAR):
        searched = _searched_date(tree, page.url, page.fetched_at)
        claims += [searched] if searched else []
    if page.last_modified:
        served = read_date(page.last_modified, origin=Origin.HTTP, kind=DateKind.MODIFIED, zone=zone)
        claims += [served] if served else []
    return tuple(claims)


def _read_html(page: Page, source: Source) -> RawReport:
    text = decode(page.body, page.encoding)
    blocked = is_challenge(page.status, {}, text)
    if blocked:
        raise ExtractionError(f"this is a block page: {blocked}", step="challenge")
    tree = parse_html(text)
    zone = zone_of(source.timezone)
    metadata = read_metadata(
        tree,
        url=page.url,
        listed_title=page.listed.title,
        source_name=source.name,
        zone=zone,
        day_first=source.country != "US" or "es" in source.languages,
    )
    body = read_body(tree, metadata.article)
    stub = is_stub(metadata.title, body)
    if stub:
        raise ExtractionError(f"this is a notice, not a report: {stub[1]}", step=stub[0])
    if not body.strip():
        raise ExtractionError("the page has no text", step="body")
    return RawReport(
        source_id=page.source_id,
        source_country=source.country,
        url_requested=page.url_requested,
        url=page.url,
        title=metadata.title,
        text=body,
        fetched_at=page.fetched_at,
        digest=page.digest,
        canonical_link=metadata.canonical_link,
        authors=metadata.authors or page.listed.authors,
        dates=_dates(page, metadata, tree, zone),
        language_hint=metadata.language or page.listed.language or source.languages[0],
        site_name=metadata.site_name,
        content_type="text/html",
        document_type=source.document_type,
        guid=page.listed.guid,
    )


def extract(page: Page, source: Source) -> RawReport:
    """What a page says, as HTML or PDF by its first bytes.

    Raises ExtractionError with the step that failed: parse, challenge, soft-404, body, pdf, title.
    """
    if b"%PDF-" in page.body[:1024]:
        raise ExtractionError("PDF is not read yet", step="pdf")
    raw = _read_html(page, source)
    if not raw.title:
        raise ExtractionError("the page has no title", step="title")
    return raw
