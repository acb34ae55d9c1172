"""What the licence of a source and the relevance of a report let us keep of it."""

from core.report import TITLE, Report, Tag
from core.source import Source, Storage
from db.reports import Kept

EXCERPT_LENGTH = 500
"""Characters of a text that may only be quoted."""

OUT_OF_SCOPE = "X"


def keep(report: Report, source: Source, *, had: str = "none") -> Kept:
    """What of a report is stored. `had` is what is kept of its address already.

    A source that is filtered leaves of a report out of scope only address, title and digests, so
    that it is not fetched and judged again and again; a report that was in scope once stays whole.
    A source that licenses no full text leaves
    an excerpt; a tag whose words stand beyond the cut stays, without those spans.
    """
    tier = report.relevance.tier if report.relevance else None
    if source.relevance == "filter" and tier == OUT_OF_SCOPE and had == "none":
        return Kept(text="", how="none", tags=())
    if source.storage is Storage.EXCERPT and len(report.text) > EXCERPT_LENGTH:
        text = excerpt(report.text)
        return Kept(text=text, how="excerpt", tags=tuple(_within(tag, len(text)) for tag in report.tags))
    return Kept(text=report.text, how="full", tags=report.tags)


def excerpt(text: str, length: int = EXCERPT_LENGTH) -> str:
    """The beginning of a text, at most `length` characters, ending at the end of a word."""
    if len(text) <= length:
        return text
    cut = text[:length]
    if not text[length].isspace() and any(c.isspace() for c in cut):
        cut = cut[: max(place for place, c in enumerate(cut) if c.isspace())]
    return cut.rstrip()


def _within(tag: Tag, length: int) -> Tag:
    spans = tuple(span for span in tag.spans if span.where == TITLE or span.end <= length)
    return Tag(
        id=tag.id,
        facet=tag.facet,
        score=tag.score,
        confidence=tag.confidence,
        rule=tag.rule,
        spans=spans,
    )
