"""Fifth step: what a report is about, and whether it concerns us."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from core.report import Relevance, Report, Tag
from core.source import Source
from pipeline.language import detect_language
from taxonomy.matcher import Matcher

UNKNOWN_LANGUAGE = "und"
_FOLDERS = {
    **dict.fromkeys(("opinion", "opinions", "opinión", "columnas", "editorial", "op-ed"), "doc-opinion"),
    **dict.fromkeys(("press-releases", "press-release", "comunicados", "comunicado"), "doc-press-release"),
    **dict.fromkeys(("executive-orders", "executive-order"), "doc-executive-order"),
    **dict.fromkeys(("investigaciones", "investigations", "investigacion"), "doc-investigation"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """The judgement of one text. `language` is a two-letter code, `und` when nothing tells."""

    relevance: Relevance
    tags: tuple[Tag, ...]
    language: str


def classify(
    title: str,
    text: str,
    *,
    matcher: Matcher,
    language: str | None = None,
    url: str | None = None,
    source_country: str | None = None,
    document_type: str | None = None,
    publisher_type: str | None = None,
) -> Classification:
    """Tier, reasons and tags of a title and text; pure and deterministic.

    Both languages are always searched, so `language` is only passed through (detected when it is
    not given). `source_country` is an ISO 3166 code, `publisher_type` one of PublisherType. Where no
    `document_type` (a tag id) is known, the address may tell. Spans are positions in the strings given.
    """
    matched = matcher.match(
        title,
        text,
        source_country=source_country,
        document_type=document_type or type_by_address(url),
        publisher_type=publisher_type,
    )
    known = language or detect_language(f"{title}\n{text}") or UNKNOWN_LANGUAGE
    return Classification(relevance=matched.relevance, tags=matched.tags, language=known)


def type_by_address(url: str | None) -> str | None:
    """The document type that a publisher puts into its addresses (`/opinion/…`), if any."""
    if not url:
        return None
    folders = urlsplit(url).path.lower().split("/")[:-1]
    return next((_FOLDERS[folder] for folder in folders if folder in _FOLDERS), None)


def judge(report: Report, *, matcher: Matcher, source: Source) -> Report:
    """The step: fills relevance, tags, the taxonomy's version and the document type.

    Personal numbers (A-numbers) are blanked on the way: they must never be stored.
    """
    title, text = matcher.redact(report.title), matcher.redact(report.text)
    known = report.document_type or source.document_type
    result = classify(
        title,
        text,
        matcher=matcher,
        language=report.language or UNKNOWN_LANGUAGE,
        url=report.url,
        source_country=source.country,
        document_type=known,
        publisher_type=source.publisher_type.value,
    )
    kind = known or next((tag.id for tag in result.tags if tag.facet == "document_type"), None)
    return replace(
        report,
        title=title,
        text=text,
        relevance=result.relevance,
        tags=result.tags,
        taxonomy_version=matcher.version,
        document_type=kind,
    )
