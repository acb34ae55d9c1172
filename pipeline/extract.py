"""From the bytes of a page to what it claims: the start of the pipeline, before its steps."""

from datetime import tzinfo

from lxml.html import HtmlElement

from core.dates import DateClaim, DateKind, Origin, Precision
from core.errors import ExtractionError
from core.report import Page, RawReport
from core.source import Source
from pipeline.body import check_markup, parse_html, plain_text, read_body, without_title
from pipeline.challenge import is_challenge, is_stub
from pipeline.charset import decode
from pipeline.dates import choose_published
from pipeline.metadata import Metadata, read_metadata
from pipeline.pdf import is_pdf, read_pdf
from pipeline.visible_date import visible_date
from pipeline.written_dates import read_date, zone_of

# A page without any title is known by the start of its text.
LONGEST_FIRST_LINE = 200


def _dates(
    page: Page, metadata: Metadata, tree: HtmlElement, text: str, *, zone: tzinfo, day_first: bool
) -> tuple[DateClaim, ...]:
    claims = [*metadata.dates, *page.listed.dates]
    best = choose_published(claims, fetched_at=page.fetched_at)
    if best is None or best.precision in (Precision.MONTH, Precision.YEAR):
        seen = visible_date(tree, text, zone=zone, day_first=day_first, fetched_at=page.fetched_at)
        claims += [seen] if seen else []
    if page.last_modified:
        served = read_date(page.last_modified, origin=Origin.HTTP, kind=DateKind.MODIFIED, zone=zone)
        claims += [served] if served else []
    return tuple(claims)


def _body(page: Page, tree: HtmlElement, metadata: Metadata) -> str:
    carried = plain_text(page.listed.html)
    if carried and page.listed.html.encode("utf-8", "replace") in page.body:
        # The index itself gave the text: there is nothing around it to be taken away.
        return carried
    return read_body(tree, metadata.article, carried)


def _read_html(page: Page, source: Source) -> RawReport:
    check_markup(page.body)
    text = decode(page.body, page.encoding)
    blocked = is_challenge(page.status, {}, page.body)
    if blocked:
        raise ExtractionError(f"this is a block page: {blocked}", step="challenge")
    tree = parse_html(text)
    zone = zone_of(source.timezone)
    # 03/04/2025 is March only in the English of the United States.
    day_first = source.country != "US" or "es" in source.languages
    metadata = read_metadata(
        tree,
        url=page.url,
        listed_title=page.listed.title,
        source_name=source.name,
        zone=zone,
        day_first=day_first,
    )
    body = without_title(_body(page, tree, metadata), metadata.title)
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
        title=metadata.title or body.strip().split("\n", 1)[0][:LONGEST_FIRST_LINE],
        text=body,
        fetched_at=page.fetched_at,
        digest=page.digest,
        canonical_link=metadata.canonical_link,
        authors=metadata.authors or page.listed.authors,
        dates=_dates(page, metadata, tree, body, zone=zone, day_first=day_first),
        language_hint=metadata.language or page.listed.language or next(iter(source.languages), None),
        site_name=metadata.site_name,
        content_type="text/html",
        document_type=source.document_type,
        guid=page.listed.guid,
    )


def extract(page: Page, source: Source) -> RawReport:
    """What a page says, read as HTML or PDF by its first bytes.

    Raises ExtractionError with the step that failed: parse, challenge, soft-404, body or pdf.
    """
    return read_pdf(page, source) if is_pdf(page.body) else _read_html(page, source)
