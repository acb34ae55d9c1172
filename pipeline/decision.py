"""Decides what an incoming report is to the store: new, changed, a repetition, nothing new. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.report import (
    Duplicate,
    Known,
    New,
    Outcome,
    Quarantined,
    Report,
    Unchanged,
    Updated,
    Withdrawn,
)
from db.dialect import LONGEST_KEY
from db.report_rows import storable, text_sha256
from db.reports import Kept
from db.visits import Visit

FEWEST_WORDS = 20
"""Fewer words are never called a repetition: short notices look alike and are not the same."""

SHRUNK_FROM, SHRUNK_TO = 600, 0.2
"""A text of so many characters that comes back this much shorter is a broken page, not a change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A stored report that an incoming one repeats; `of` is the original, never a copy itself."""

    of: int
    score: float
    reasons: tuple[str, ...] = ()


def decide(
    report: Report, kept: Kept, *, known: Known | None, barred: bool, matches: Sequence[Match] = ()
) -> Outcome | Quarantined:
    """What an incoming report is. Pure.

    `known` stands at its address, `matches` at other addresses with (nearly) its words. A report
    received before the known one (a late replay) changes nothing.
    """
    if barred:
        return Withdrawn(url=report.url)
    unfit = _unfit(report)
    if unfit:
        return _quarantined(report, unfit)
    if known is None:
        best = original(matches)
        return New() if best is None else Duplicate(of=best.of, score=best.score, reasons=best.reasons)
    late = known.seen_at is not None and report.raw.fetched_at < known.seen_at
    changes = () if late else differences(known, report, kept)
    if not changes:
        return Unchanged(of=known.id)
    if _shrank(known, report):
        shrunk = f"the text shrank from {known.text_length:,} to {len(report.text):,} characters"
        return _quarantined(report, shrunk)
    return Updated(of=known.id, changes=changes)


def original(matches: Sequence[Match], *, but: int | None = None) -> Match | None:
    """The best match, the earliest stored among equals. `but` is a report that does not count."""
    return min(
        (match for match in matches if match.of != but),
        key=lambda match: (-match.score, match.of),
        default=None,
    )


def differences(known: Known, report: Report, kept: Kept) -> tuple[str, ...]:
    """What changed at a known address: title, text, typography, kept. Spacing is no change.

    "typography": the same words with other marks. "kept": words that were out of scope when the
    address was first seen, so that only its title was kept.
    """
    changes = []
    if known.title.split() != storable(report.title).split():
        changes.append("title")
    if known.text_sha256 != text_sha256(report.text) and known.text.split() != storable(report.text).split():
        digest = report.fingerprint.digest if report.fingerprint else ""
        changes.append("typography" if digest and digest == known.content_digest else "text")
    if known.text_kept == "none" and kept.how != "none":
        changes.append("kept")
    return tuple(changes)


def _shrank(known: Known, report: Report) -> bool:
    return known.text_length >= SHRUNK_FROM and len(report.text) < known.text_length * SHRUNK_TO


def _unfit(report: Report) -> str | None:
    if len(report.url.encode(errors="replace")) > LONGEST_KEY:
        return f"the address is longer than {LONGEST_KEY:,} bytes"
    if not report.title.strip() and not report.text.strip():
        return "neither a title nor a text"
    return None


def _quarantined(report: Report, reason: str) -> Quarantined:
    raw = report.raw
    return Quarantined(
        source_id=raw.source_id, url=report.url, step="intake", reason=reason, digest=raw.digest
    )


def visit_after(visit: Visit, decision: Outcome | Quarantined) -> Visit:
    """The visit as its decision leaves it.

    A quarantined page keeps no validators: a repaired Amparo must receive it again, not a 304.
    """
    match decision:
        case New() | Updated() | Duplicate():
            return replace(visit, outcome="stored")
        case Unchanged():
            return replace(visit, outcome="unchanged")
        case Withdrawn():
            return replace(visit, outcome="withdrawn")
        case Quarantined(reason=reason):
            return replace(visit, outcome="quarantined", detail=reason, etag=None, last_modified=None)
