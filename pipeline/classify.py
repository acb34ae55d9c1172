"""Fifth step: what a report is about, and whether it concerns us."""

from dataclasses import dataclass, replace

from core.report import Relevance, Report, Tag
from core.source import Source
from pipeline.language import detect_language
from taxonomy.matcher import Matcher

UNKNOWN_LANGUAGE = "und"


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
    not given). `source_country` is an ISO 3166 code. Spans are positions in the given strings.
    """
    matched = matcher.match(title, text, source_country=source_country, document_type=document_type)
    known = language or detect_language(f"{title}\n{text}") or UNKNOWN_LANGUAGE
    return Classification(relevance=matched.relevance, tags=matched.tags, language=known)


def judge(report: Report, *, matcher: Matcher, source: Source) -> Report:
    """The step: fills relevance, tags, the taxonomy's version and the document type."""
    known = report.document_type or source.document_type
    result = classify(
        report.title,
        report.text,
        matcher=matcher,
        language=report.language or "",
        url=report.url,
        source_country=source.country,
        document_type=known,
        publisher_type=source.publisher_type.value,
    )
    kind = known or next((tag.id for tag in result.tags if tag.facet == "document_type"), None)
    return replace(
        report,
        relevance=result.relevance,
        tags=result.tags,
        taxonomy_version=matcher.version,
        document_type=kind,
    )
