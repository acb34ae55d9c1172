"""Turns a report into the rows of its tables. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.dates import DateClaim
from core.report import Duplicate, Fingerprint, Report, Tag
from db.reports import Kept
from db.searchtext import index_text
from db.tagtoken import tag_token

Row = dict[str, object]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Storing:
    """A report about to be stored under a number, with what is kept of it.

    `mark` is the fingerprint by which later reports may find it, if they may.
    """

    id: int
    report: Report
    kept: Kept
    version: int
    changes: tuple[str, ...] = ()
    duplicate: Duplicate | None = None
    mark: Fingerprint | None = None


def storable(text: str) -> str:
    """A text without what a database refuses (NUL, lone surrogates), at the same length."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)


def storable_or_none(text: str | None) -> str | None:
    """The same for a text that may be missing."""
    return None if text is None else storable(text)


def text_sha256(text: str) -> str:
    """SHA-256 in hex of a text as it is stored, in UTF-8."""
    return hashlib.sha256(storable(text).encode()).hexdigest()


def _claim(claim: DateClaim) -> dict[str, str]:
    return {
        "value": claim.value.isoformat(),
        "precision": claim.precision.value,
        "origin": claim.origin.value,
        "kind": claim.kind.value,
        "raw": storable(claim.raw),
    }


def report_row(storing: Storing) -> Row:
    """The row of `report`; what only a new row has (first_seen) is left to the caller."""
    one, raw, kept = storing.report, storing.report.raw, storing.kept
    duplicate, relevance, mark = storing.duplicate, one.relevance, one.fingerprint
    published = one.published
    return {
        "id": storing.id,
        "url": one.url,
        "url_requested": storable(raw.url_requested),
        "canonical_link": storable_or_none(raw.canonical_link),
        "source_id": raw.source_id,
        "title": storable(one.title),
        "text": storable(kept.text),
        "text_kept": kept.how,
        "text_length": len(one.text),
        "text_sha256": text_sha256(one.text),
        "authors": [storable(author) for author in one.authors],
        "language": one.language,
        "document_type": one.document_type,
        "site_name": storable_or_none(raw.site_name),
        "guid": storable_or_none(raw.guid),
        "published": published.value if published else None,
        "published_precision": published.precision.value if published else None,
        "published_origin": published.origin.value if published else None,
        "modified": one.modified,
        "dates": [_claim(claim) for claim in raw.dates],
        "tier": relevance.tier if relevance else None,
        "sides": list(relevance.sides) if relevance else [],
        "reasons": [storable(reason) for reason in relevance.reasons] if relevance else [],
        "priority": relevance.priority if relevance else "normal",
        "taxonomy_version": one.taxonomy_version,
        "tag_tokens": " ".join(tag_token(tag.id) for tag in kept.tags),
        "content_digest": mark.digest if mark else None,
        "fingerprint_version": mark.version if mark else None,
        "duplicate_of": duplicate.of if duplicate else None,
        "duplicate_score": duplicate.score if duplicate else None,
        "duplicate_reasons": list(duplicate.reasons) if duplicate else [],
        "version": storing.version,
        "last_seen": raw.fetched_at,
        "changed_at": raw.fetched_at,
    }


def version_row(storing: Storing, row: Row) -> Row:
    """The row of `report_version` that goes with a row of `report`."""
    return {
        "report_id": storing.id,
        "version": storing.version,
        "title": row["title"],
        "text": row["text"],
        "text_sha256": row["text_sha256"],
        "content_digest": row["content_digest"],
        "seen_at": storing.report.raw.fetched_at,
        "capture_digest": storing.report.raw.digest,
        "changes": list(storing.changes),
    }


TAG_COLUMNS = ("report_id", "tag_id", "facet", "score", "confidence", "rule", "spans", "taxonomy_version")


def tag_rows(storing: Storing) -> list[tuple[object, ...]]:
    """The rows of `report_tag` as TAG_COLUMNS, one a tag id; spans are JSON text."""
    version = storing.report.taxonomy_version
    return [
        (storing.id, tag.id, tag.facet, tag.score, tag.confidence, tag.rule, _spans(tag), version)
        for tag in {tag.id: tag for tag in storing.kept.tags}.values()
    ]


def _spans(tag: Tag) -> str:
    return json.dumps([(span.start, span.end, span.where) for span in tag.spans])


def search_row(row: Mapping[str, object]) -> Row:
    """The row of PostgreSQL's `report_search` that goes with a row of `report`."""
    return {
        "report_id": row["id"],
        "title": index_text(str(row["title"])),
        "text": index_text(str(row["text"])),
        "tag_tokens": row["tag_tokens"],
    }
